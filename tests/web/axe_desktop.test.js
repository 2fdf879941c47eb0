// Every screen as wide as a desk's, before axe-core.

import { judge_screens } from './axe.js';

judge_screens('desktop', { states: false });
