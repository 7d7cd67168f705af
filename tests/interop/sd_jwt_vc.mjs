// SD-JWT VCs read by code that is not ours (npm @sd-jwt/sd-jwt-vc), for test_issued_sd_jwts.py. It reads one JSON object from standard input:
// { modules, issuerKey, types, lists, presentations, nonce } and prints a list with, for each presentation, what was read or `problem`.
// `types` has type metadata by `vct`, `lists` status list tokens by address; nothing is fetched.
import { createRequire } from 'node:module';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const asked = JSON.parse(await text(process.stdin));
const require = createRequire(path.join(asked.modules, 'from-here.js'));
const { SDJwtVcInstance } = require('@sd-jwt/sd-jwt-vc');
const { ES256, digest } = require('@sd-jwt/crypto-nodejs');

const reader = new SDJwtVcInstance({
  hasher: digest,
  hashAlg: 'sha-256',
  verifier: await ES256.getVerifier(asked.issuerKey),
  kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
  statusListFetcher: async (uri) => asked.lists[uri],
  loadTypeMetadataFormat: true,
  vctFetcher: async (vct) => asked.types[vct],
});

async function read(presentation) {
  try {
    const { payload, kb, typeMetadata } = await reader.verify(presentation, { keyBindingNonce: asked.nonce });
    const { display, claims } = typeMetadata.mergedTypeMetadata;
    return { payload, binding: kb.payload, shown: display.map(({ locale, name }) => [locale, name]), described: claims.map(({ path }) => path[0]) };
  } catch (problem) {
    return { problem: String(problem.message) };
  }
}

console.log(JSON.stringify(await Promise.all(asked.presentations.map(read))));
