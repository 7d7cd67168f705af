// How a wallet that is not ours is driven: one JSON object a line on standard input, one a line back. The first line is `{ modules, ... }`, the
// settings; `open(settings, load)` gives the wallet, whose answer is `{ key }`: the public key that its maker is to vouch for. Then
// `{ do, ... }` calls a verb of the wallet; what it throws comes back as `{ problem }`. It ends when standard input closes.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export async function drive(open) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const settings = JSON.parse((await lines.next()).value);
  const resolve = createRequire(path.join(settings.modules, 'from-here.js')).resolve;
  const wallet = await open(settings, async (name) => import(pathToFileURL(await entry(resolve, settings.modules, name)).href));
  console.log(JSON.stringify({ key: wallet.key }));
  for await (const line of lines) {
    const { do: verb, ...given } = JSON.parse(line);
    let answer;
    try {
      answer = (await wallet[verb](given)) ?? {};
    } catch (problem) {
      answer = { problem: told(problem) };
    }
    console.log(JSON.stringify(answer));
  }
  process.exit(0);
}

// A package that has a form for `import` alone is not found by `require`.
async function entry(resolve, modules, name) {
  try {
    return resolve(name);
  } catch {
    const { default: described } = await import(pathToFileURL(path.join(modules, name, 'package.json')).href, { with: { type: 'json' } });
    const root = described.exports['.'];
    return path.join(modules, name, typeof root === 'string' ? root : root.import?.default ?? root.import ?? root.default);
  }
}

// With what the issuer answered, when it did.
function told(problem) {
  const answered = problem.response?.credentialErrorResponseResult?.data ?? problem.errorResponse;
  return [problem.message, answered && JSON.stringify(answered), problem.cause?.message].filter(Boolean).join(' | ');
}
