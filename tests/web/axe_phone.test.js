// Every screen as wide as a telephone's, before axe-core.

import { judge_screens } from './axe.js';

judge_screens('phone', { states: true });
