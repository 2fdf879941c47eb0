// tables.js -- all texts of each language: those of the first view and the others.

import en from '../../web/i18n/en.js';
import en_more from '../../web/i18n/en_more.js';
import ru from '../../web/i18n/ru.js';
import ru_more from '../../web/i18n/ru_more.js';

const whole = (first, more) => ({ ...first, words: { ...first.words, ...more.words } });

export const TABLES = { en: whole(en, en_more), ru: whole(ru, ru_more) };
