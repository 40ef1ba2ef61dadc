// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// `node emit.mjs`: the Vercel AI SDK's spans of a few calls, as JSON lines on stdout. Run by make_dumps.py
// in a directory of its own where npm installed the packages.
import { createRequire } from 'node:module'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { embed, generateText, streamText } from 'ai'

const printer = {
  export(spans, done) {
    for (const span of spans) {
      const scope = span.instrumentationScope ?? span.instrumentationLibrary
      console.log(JSON.stringify({
        name: span.name,
        scope: scope.name,
        scope_version: scope.version ?? '',
        status: ['UNSET', 'OK', 'ERROR'][span.status.code],
        attributes: span.attributes,
      }))
    }
    done({ code: 0 })
  },
  shutdown: async () => {},
}
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(printer)] })
const experimental_telemetry = {
  isEnabled: true, functionId: 'greeting', metadata: { userId: 'u1' }, tracer: provider.getTracer('ai'),
}
const to = (at) => (url, init) => fetch(String(url).replace(/^https:\/\/[^/]+/, at), init)
const anthropic = createAnthropic({ apiKey: 'emulator', fetch: to(process.env.ANTHROPIC_AT) })
const openai = createOpenAI({ apiKey: 'emulator', fetch: to(process.env.OPENAI_AT) })
const claude = anthropic('claude-haiku-5-5')
const prompt = 'How are you?'
const messages = [
  {
    role: 'system',
    content: 'Read this with care. '.repeat(700),
    providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } },
  },
  { role: 'user', content: prompt },
]
await generateText({ model: claude, prompt, experimental_telemetry })
await generateText({ model: claude, messages, experimental_telemetry })
await streamText({ model: claude, messages, experimental_telemetry }).consumeStream()
for (const model of [openai.chat('gpt-6-luna'), openai('gpt-6-luna')]) {
  await generateText({ model, prompt, experimental_telemetry })
}
await generateText({ model: openai.chat('gpt-6-luna'), messages, experimental_telemetry })
await streamText({ model: openai.chat('gpt-6-luna'), messages, experimental_telemetry }).consumeStream()
await embed({ model: openai.embedding('text-embedding-3-small'), value: prompt, experimental_telemetry })

const version = (name) => createRequire(import.meta.url)(`${name}/package.json`).version
const packages = Object.fromEntries(['ai', '@ai-sdk/anthropic', '@ai-sdk/openai'].map((name) => [name, version(name)]))
console.log(JSON.stringify({ packages }))
