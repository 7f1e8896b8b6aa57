// onnx.js: a model in onnxruntime-node against nnpredict, for 465-nnexport.t.
// usage: ONNXRUNTIME_NODE=DIR node onnx.js MODEL.onnx SCORES.tsr FEATURES.tsr [NAME=BESIDE.tsr]
// Prints the number of records and the largest difference of a probability. Streams are
// read here by what tsr(5) says, so that no code of the programs is on this side. Records
// of one length go through in one batch, too, which must give what each gives alone.
'use strict';
const fs = require('fs');
const ort = require(`${process.env.ONNXRUNTIME_NODE}/node_modules/onnxruntime-node`);

function records(file) {
	const all = fs.readFileSync(file), out = [];
	for (let at = 0; at < all.length;) {
		const kind = String.fromCharCode(all[at + 5]), dtype = all[at + 6], rank = all[at + 7];
		const meta = all.readUInt32LE(at + 8), bytes = Number(all.readBigUInt64LE(at + 16)), shape = [];
		for (let i = 0; i < rank; i++)
			shape.push(Number(all.readBigUInt64LE(at + 40 + 8 * i)));
		const data = Math.ceil((at + 40 + 8 * rank + meta) / 64) * 64, copy = new Uint8Array(all.subarray(data, data + bytes)).buffer;
		if (kind === 'T')
			out.push({ shape, data: dtype === 5 ? new Float64Array(copy) : new Float32Array(copy) });
		at = Math.ceil((data + bytes) / 64) * 64;
	}
	return out;
}

function batch(list) {
	const size = list[0].data.length, data = new Float32Array(size * list.length);
	list.forEach((r, i) => data.set(r.data, i * size));
	return new ort.Tensor('float32', data, [list.length, ...list[0].shape]);
}

async function main([model, scores, ...streams]) {
	const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
	const want = records(scores), input = {};
	let largest = 0, apart = 0;
	streams.forEach((s, i) => {
		const [name, file] = i === 0 ? [session.inputNames[0], s] : s.split('=');
		input[name] = records(file);
	});
	const run = async (indices) => {
		const feeds = {};
		for (const name in input)
			feeds[name] = batch(indices.map((i) => input[name][i]));
		return (await session.run(feeds)).probabilities.data;
	};
	const lengths = new Map(), alone = [];
	for (let i = 0; i < want.length; i++) {
		const length = input[session.inputNames[0]][i].shape.join();
		alone.push(await run([i]));
		want[i].data.forEach((p, k) => { largest = Math.max(largest, Math.abs(p - alone[i][k]) || (alone[i][k] === p ? 0 : Infinity)); });
		lengths.set(length, [...lengths.get(length) || [], i]);
	}
	for (const indices of lengths.values()) {
		const p = await run(indices), n = p.length / indices.length;
		indices.forEach((i, row) => alone[i].forEach((x, k) => { apart = Math.max(apart, Math.abs(x - p[row * n + k])); }));
	}
	console.log(`${want.length} ${largest < 1e-5 ? 'same' : largest} ${apart < 1e-5 ? 'same' : apart}`);
	if (process.env.VERBOSE)
		console.log(largest, apart, lengths.size);
}

main(process.argv.slice(2)).catch((e) => { console.error(e.message); process.exit(1); });
