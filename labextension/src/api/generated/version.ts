/** Made from package.json by labextension/generate-api.mjs. */
export const VERSION = '0.1.0';
