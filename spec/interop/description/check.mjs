// The sandbox's answers against the service's official description: Prism,
// which validates both, is a proxy before the sandbox. What it finds wrong with
// an answer fails, but for what the description's own examples have, too.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const PART = 5 * 2 ** 20;
const { APIVIDEO_BASE_URL: sandbox, APIVIDEO_API_KEY: key } = process.env;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// → the proxy's address, when it serves, and what ends it
async function startPrism() {
  const port = await freePort();
  const child = spawn(process.execPath, [
    here('node_modules/@stoplight/prism-cli/dist/index.js'), 'proxy',
    here('openapi.yaml'), sandbox, '--host', '127.0.0.1', '--port', `${port}`,
  ], { stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      log += text;
      if (log.includes('is listening')) resolve();
    });
    child.once('exit', () => reject(new Error(`Prism ended:\n${log}`)));
  });
  return [`http://127.0.0.1:${port}`, () => child.kill()];
}

const [url, stop] = await startPrism();
const results = { passed: 0, failed: 0 };
const basic = (user) => `Basic ${Buffer.from(`${user}:`).toString('base64')}`;

// The description names few statuses, and its own lists have relative links.
const isKnown = ({ code, location, message }, status) =>
  code === 'format' && /^response\.body\.pagination\.links\.\d+\.uri$/
    .test(location.join('.')) ||
  [400, 401].includes(status) &&
    message.startsWith('Unable to match the returned status code');

// One call, whose answer has the status, and nothing that is not described.
async function call(promise, status, method, path, body, headers = {}) {
  const isForm = body instanceof FormData;
  const answer = await fetch(url + path, {
    method, body: isForm || !body ? body : JSON.stringify(body),
    headers: {
      Authorization: basic(key),
      ...(body && !isForm && { 'Content-Type': 'application/json' }),
      ...headers,
    },
  });
  const violations = JSON.parse(answer.headers.get('sl-violations') ?? '[]')
    .filter((it) => it.location[0] === 'response' && !isKnown(it, status));
  const text = await answer.text();
  try {
    assert.equal(answer.status, status, text);
    assert.deepEqual(violations, []);
    results.passed += 1;
    console.log(`ok      ${promise}`);
  } catch (error) {
    results.failed += 1;
    console.log(`FAILED  ${promise}\n${error.message}\n${text}`);
  }
  return text && JSON.parse(text);
}

function form(bytes, videoId) {
  const it = new FormData();
  if (videoId) it.append('videoId', videoId);
  it.append('file', new Blob([Buffer.alloc(bytes, 'x')]), 'a "film".mp4');
  return it;
}

const pair = await call('a pair of access tokens', 200,
  'POST', '/auth/api-key', { apiKey: key });
await call('a renewed pair', 200,
  'POST', '/auth/refresh', { refreshToken: pair.refresh_token });
await call('a wrong key', 400, 'POST', '/auth/api-key', { apiKey: 'wrong' });
await call('a pair for nothing', 400, 'POST', '/auth/api-key', {});
await call('a refresh token that was used', 401,
  'POST', '/auth/refresh', { refreshToken: pair.refresh_token });

const lasting = await call('a token that never expires', 200,
  'POST', '/upload-tokens', {});
const { token } = await call('a token that expires', 200,
  'POST', '/upload-tokens', { ttl: 3600 });
await call('a ttl that can be none', 400, 'POST', '/upload-tokens',
  { ttl: -1 });
await call('a token that is asked for', 200, 'GET', `/upload-tokens/${token}`);
await call('a token that nobody knows', 404, 'GET', '/upload-tokens/toNobody');
await call('a key that nobody has', 401, 'GET', '/upload-tokens', undefined,
  { Authorization: basic('wrong') });
await call('a list', 200, 'GET', '/upload-tokens');
await call('an empty page', 200, 'GET', '/upload-tokens?currentPage=9');
for (const sortBy of ['createdAt', 'ttl']) {
  for (const sortOrder of ['asc', 'desc']) {
    await call(`a page by ${sortBy}, ${sortOrder}`, 200, 'GET',
      `/upload-tokens?sortBy=${sortBy}&sortOrder=${sortOrder}` +
      '&currentPage=2&pageSize=1');
  }
}
await call('a page that is too large', 400,
  'GET', '/upload-tokens?pageSize=1000');

const upload = `/upload?token=${token}`;
await call('a video', 201, 'POST', upload, form(1000));
const { videoId } = await call('the first part of a video', 201,
  'POST', upload, form(PART), { 'Content-Range': 'part 1/2' });
await call('its last part', 201,
  'POST', upload, form(1, videoId), { 'Content-Range': 'part 2/2' });
await call('a video in ranges of bytes', 201, 'POST', upload, form(PART),
  { 'Content-Range': `bytes 0-${PART - 1}/${PART + 1}` });
await call('an empty file', 400, 'POST', upload, form(0));
await call('a part of nothing', 400,
  'POST', upload, form(1), { 'Content-Range': 'part 0/2' });
await call('a token for nothing', 401, 'POST', '/upload?token=toNobody',
  form(1));

await call('a deletion', 204, 'DELETE', `/upload-tokens/${token}`);
await call('a second deletion', 404, 'DELETE', `/upload-tokens/${token}`);
await fetch(`${sandbox}/sandbox/settings`, {
  method: 'POST', body: JSON.stringify({ rate_limits: { reads: 1 } }),
});
await call('the last call of a minute', 200,
  'GET', `/upload-tokens/${lasting.token}`);
await call('one too many', 429, 'GET', `/upload-tokens/${lasting.token}`);

stop();
console.log(`${results.passed} passed, ${results.failed} failed`);
process.exitCode = results.failed > 0 ? 1 : 0;
