// Mobile documents by code that is not ours (npm @auth0/mdl), for test_mdoc_mdl.py and test_issued_mdocs.py. It reads one JSON object from
// standard input and prints another. `{ modules, judge: { response, transcript, roots } }` gives the checks that failed and the values,
// `judgeAll` with `responses` a list of the same; `{ modules, make: { doctype,
// values, issuerKey, certificates, deviceKey, transcript, elements, validUntil } }` gives a DeviceResponse. Bytes are hexadecimal;
// `transcript` is CBOR inside CBOR, as this library wants it.
import { createRequire } from 'node:module';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const asked = JSON.parse(await text(process.stdin));
const require = createRequire(path.join(asked.modules, 'from-here.js'));
const { Verifier, Document, MDoc, DeviceResponse } = require('@auth0/mdl');
const bytes = (hexadecimal) => Buffer.from(hexadecimal, 'hex');

async function judge({ response, transcript, roots }) {
  const failed = [];
  const found = await new Verifier(roots).verify(bytes(response), {
    encodedSessionTranscript: bytes(transcript),
    onCheck: (check) => check.status === 'FAILED' && failed.push(check.check),
  });
  const values = found.documents.map((document) =>
    Object.entries(document.issuerSigned.nameSpaces).map(([space, items]) => [space, items.map((item) => [item.elementIdentifier, item.elementValue])]),
  );
  return { failed, values };
}

async function judgeAll({ responses, ...others }) {
  return Promise.all(responses.map((response) => judge({ response, ...others })));
}

async function make({ doctype, values, issuerKey, certificates, deviceKey, transcript, elements, validUntil }) {
  const { d, ...publicKey } = deviceKey;
  const document = await new Document(doctype)
    .addIssuerNameSpace(doctype, values)
    .useDigestAlgorithm('SHA-256')
    .addValidityInfo({ signed: new Date(), validUntil: new Date(validUntil) })
    .addDeviceKeyInfo({ deviceKey: publicKey })
    .sign({ issuerPrivateKey: issuerKey, issuerCertificate: certificates.map(bytes), alg: 'ES256' });
  const shown = await DeviceResponse.from(new MDoc([document]).encode())
    .usingPresentationDefinition({
      id: 'asked',
      input_descriptors: [
        {
          id: doctype,
          format: { mso_mdoc: { alg: ['ES256'] } },
          constraints: {
            limit_disclosure: 'required',
            fields: elements.map((name) => ({ path: [`$['${doctype}']['${name}']`], intent_to_retain: false })),
          },
        },
      ],
    })
    .usingSessionTranscriptBytes(bytes(transcript))
    .authenticateWithSignature(deviceKey, 'ES256')
    .sign();
  return { response: Buffer.from(shown.encode()).toString('hex') };
}

try {
  const { judge: one, judgeAll: all } = asked;
  console.log(JSON.stringify(one ? await judge(one) : all ? await judgeAll(all) : await make(asked.make)));
} catch (problem) {
  console.log(JSON.stringify({ problem: String(problem) }));
}
