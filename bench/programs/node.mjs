// usage: node.mjs BASE_URL CALLS AT_ONCE: the official Node client
import { createRequire } from 'node:module';

const interop = new URL('../../spec/interop/', import.meta.url);
const ApiVideoClient = createRequire(interop)('@api.video/nodejs-client');
const [baseUri, calls, atOnce] = process.argv.slice(2);
const client = new ApiVideoClient({ baseUri, apiKey: 'bench_key' });

let left = Number(calls);
async function work() {
  while (left > 0) {
    left -= 1;
    const token = await client.uploadTokens.getToken('to1tcmSFHeYY5KzyhOqVKMKb');
    if (token.ttl !== 3600) throw new Error('that is not the token');
  }
}
await Promise.all(Array.from({ length: Number(atOnce) }, work));
