import { nullTranslator } from '@jupyterlab/translation';

import { DOMAIN } from '../jupyterlab/commands';

/** Strings as they are written in the source. */
export const trans = nullTranslator.load(DOMAIN);
