// The official Node client against the sandbox: it is truthful if a client
// that was written for the service works with it. Where that client errs, the
// check says so and expects just that.
import ApiVideoClient from '@api.video/nodejs-client';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 2 ** 20;
const { APIVIDEO_BASE_URL: url, APIVIDEO_API_KEY: apiKey } = process.env;
const sandbox = (path, options) => fetch(`${url}/sandbox/${path}`, options);
const sandboxJson = async (path) => (await sandbox(path)).json();
const newClient = (options) =>
  new ApiVideoClient({ baseUri: url, apiKey, ...options });

const client = newClient();
const directory = await mkdtemp(join(tmpdir(), 'apivideo-interop-'));
const results = { passed: 0, failed: 0 };

async function check(promise, run) {
  await sandbox('reset', { method: 'POST' });
  try {
    await run();
    results.passed += 1;
    console.log(`ok      ${promise}`);
  } catch (error) {
    results.failed += 1;
    console.log(`FAILED  ${promise}\n${error.stack}`);
  }
}

async function makeFile(name, size) {
  const bytes = randomBytes(size);
  const path = join(directory, name);
  await writeFile(path, bytes);
  return { path, bytes };
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

async function assertStored(videoId, bytes, title) {
  const stored = await sandboxJson(`videos/${videoId}`);
  assert.equal(stored.complete, true);
  assert.equal(stored.size, bytes.length);
  assert.equal(stored.sha256, sha256(bytes));
  assert.equal(stored.title, title);
  return stored;
}

async function problemOf(promise) {
  const error = await promise.then(
    () => assert.fail('the call should have failed'), (reason) => reason);
  assert.ok(error.problemDetails, error);
  return error.problemDetails;
}

await check('creates a token that expires', async () => {
  const token = await client.uploadTokens.createToken({ ttl: 3600 });
  assert.match(token.token, /^to[A-Za-z0-9]{22}$/);
  assert.equal(token.ttl, 3600);
  assert.equal(token.expiresAt - token.createdAt, 3600 * 1000);
});

await check('creates a token that never expires', async () => {
  const token = await client.uploadTokens.createToken({});
  assert.equal(token.ttl, 0);
  assert.equal(token.expiresAt, undefined);
});

await check('gets a token', async () => {
  const created = await client.uploadTokens.createToken({ ttl: 60 });
  const got = await client.uploadTokens.getToken(created.token);
  assert.deepEqual(got, created);
});

await check('lists tokens page by page', async () => {
  for (const ttl of [30, 10, 20]) {
    await client.uploadTokens.createToken({ ttl });
  }
  const list = (currentPage) => client.uploadTokens.list(
    { sortBy: 'ttl', sortOrder: 'desc', currentPage, pageSize: 2 });
  const [first, second] = [await list(1), await list(2)];
  assert.deepEqual(first.data.map((token) => token.ttl), [30, 20]);
  assert.deepEqual(second.data.map((token) => token.ttl), [10]);
  assert.equal(first.pagination.itemsTotal, 3);
  assert.equal(first.pagination.pagesTotal, 2);
  assert.ok(first.pagination.links.some((link) => link.rel === 'next'));
});

await check('deletes a token', async () => {
  const { token } = await client.uploadTokens.createToken({ ttl: 60 });
  await client.uploadTokens.deleteToken(token);
  const problem = await problemOf(client.uploadTokens.getToken(token));
  assert.equal(problem.status, 404);
  assert.match(problem.type, /resource-not-found$/);
});

await check('understands a refused ttl', async () => {
  const problem = await problemOf(client.uploadTokens.createToken({ ttl: -1 }));
  assert.equal(problem.status, 400);
  assert.equal(problem.name, 'ttl');
  assert.equal(problem.problems[0].name, 'ttl');
});

await check('understands a wrong API key', async () => {
  const stranger = newClient({ apiKey: 'wrong' });
  const problem = await problemOf(stranger.uploadTokens.list());
  assert.equal(problem.status, 401);
  assert.match(problem.type, /authentication-invalid-api-key$/);
});

await check('exchanges its key for an access token', async () => {
  const { accessToken, tokenType } = await client.getAccessToken();
  assert.equal(tokenType, 'Bearer');
  const answer = await fetch(`${url}/upload-tokens`,
    { headers: { Authorization: `Bearer ${accessToken}` } });
  assert.equal(answer.status, 200);
});

await check('creates a video', async () => {
  const video = await client.videos.create({ title: 'Maths' });
  assert.match(video.videoId, /^vi[A-Za-z0-9]{22}$/);
  assert.equal(video.title, 'Maths');
});

await check('uploads a whole file with a token', async () => {
  const { path, bytes } = await makeFile('whole film.mp4', 3 * MIB + 7);
  const { token } = await client.uploadTokens.createToken({ ttl: 60 });
  const video = await client.videos.uploadWithUploadToken(token, path);
  await assertStored(video.videoId, bytes, 'whole film.mp4');
});

await check('uploads progressively with a token', async () => {
  const sizes = [5 * MIB, 6 * MIB + 1, 1234];
  const { token } = await client.uploadTokens.createToken({ ttl: 60 });
  const session =
    client.videos.createUploadWithUploadTokenProgressiveSession(token);
  const files = [];
  for (const [i, size] of sizes.entries()) {
    files.push(await makeFile(`part ${i + 1}.mp4`, size));
  }
  await session.uploadPart(files[0].path);
  await session.uploadPart(files[1].path);
  const video = await session.uploadLastPart(files[2].path);
  const stored = await assertStored(video.videoId,
    Buffer.concat(files.map((file) => file.bytes)), 'part 1.mp4');
  assert.deepEqual(stored.parts,
    sizes.map((size, i) => ({ number: i + 1, size })));
});

await check('understands a deleted upload token', async () => {
  const { path } = await makeFile('late.mp4', 1000);
  const { token } = await client.uploadTokens.createToken({ ttl: 60 });
  await client.uploadTokens.deleteToken(token);
  const problem = await problemOf(
    client.videos.uploadWithUploadToken(token, path));
  assert.equal(problem.status, 401);
  assert.match(problem.type, /authentication-invalid-upload-token$/);
});

await check('error of the client: a file in parts becomes a video for each',
  async () => {
    const { path } = await makeFile('long.mp4', 11 * MIB);
    const inParts = newClient({ chunkSize: 5 * MIB });
    const { token } = await inParts.uploadTokens.createToken({ ttl: 60 });
    await inParts.videos.uploadWithUploadToken(token, path);
    const videos = await sandboxJson('videos');
    assert.equal(videos.length, 3);
    assert.ok(videos.every((video) => !video.complete));
  });

await check('error of the client: it sends its key along with an upload token',
  async () => {
    const { path } = await makeFile('short.mp4', 1000);
    const { token } = await client.uploadTokens.createToken({ ttl: 60 });
    await client.videos.uploadWithUploadToken(token, path);
    const log = await sandboxJson('log');
    const upload = log.find((entry) => entry.path.startsWith('/upload?'));
    assert.match(upload.headers.authorization, /^Basic /);
  });

await rm(directory, { recursive: true });
console.log(`${results.passed} passed, ${results.failed} failed`);
process.exitCode = results.failed > 0 ? 1 : 0;
