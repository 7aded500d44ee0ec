/// Tokenizers: the ids of the official code, the way back, text that comes piece by piece, files that are wrong.
module Recipes.Tests.TextTests

open System
open System.IO
open System.Text
open Expecto
open TorchSharp
open Recipes
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.TextDoubles

let private clipOf =
    lazy ClipTokenizer.Open(shared "data/tokenizers/clip/bpe_simple_vocab_16e6.txt.gz")

let private gpt2 =
    lazy Qwen2Tokenizer.Open(shared "data/tokenizers/gpt2/encoder.json.gz", shared "data/tokenizers/gpt2/vocab.bpe.gz")

let private neox =
    lazy GptNeoXTokenizer.Open(shared "data/tokenizers/gptneox/20B_tokenizer.json.gz")

let private ids (text: string) =
    text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
    |> Array.map int
    |> List.ofArray

let private encode (tokenizer: ITokenizer) text =
    tokenizer.Encode(text: string) |> List.ofSeq

/// Normal form C of what the tests write in another.
let private composed (text: string) =
    text.Replace("e\u0301", "é").Replace("\u212b", "Å")

let private pieces (tokenizer: ITokenizer) ids =
    let stream = StreamedText tokenizer
    [ yield! Seq.map stream.Append ids; stream.Finish() ]

[<Tests>]
let tests =
    testList
        "text"
        [
            testCase "CLIP's ids are those of the official code, from either file"
            <| fun () ->
                let json = ClipTokenizer.Open(shared "data/tokenizers/clip/tokenizer.json.gz")
                Expect.equal (clipOf.Value.Vocabulary, json.Vocabulary) (49408, 49408) "tokens"
                Expect.isGreaterThan clip.Length 45 "texts"

                for text, expected in clip do
                    Expect.equal (encode clipOf.Value text) (ids expected) text
                    Expect.equal (encode json text) (ids expected) text

            testCase "captions become rows of 77: start, ids, end, zeros; long ones keep the end"
            <| fun () ->
                use rows =
                    clipOf.Value.Encode [| "a photo of a cat"; ""; String.replicate 200 "cat " |]

                Expect.equal (List.ofArray rows.shape) [ 3L; 77L ] "shape"
                Expect.equal rows.dtype torch.ScalarType.Int64 "type"
                let values = rows.data<int64>().ToArray() |> Array.chunkBySize 77
                let short = [ 49406L; 320L; 1125L; 539L; 320L; 2368L; 49407L ]
                Expect.equal (List.ofArray values[0]) (short @ List.replicate 70 0L) "the well-known caption"
                Expect.equal (List.ofArray (Array.truncate 3 values[1])) [ 49406L; 49407L; 0L ] "an empty caption"
                Expect.equal values[2] [| 49406L; yield! Array.replicate 75 2368L; 49407L |] "a long caption"

                failsSaying [ "captions: expected at least one" ] (fun () ->
                    clipOf.Value.Encode(Array.empty<string>).Dispose())

            testCase "Qwen2's words and GPT-NeoX's ids are those of the published algorithm"
            <| fun () ->
                for text, qwen, neoxIds in byteLevel do
                    Expect.equal (encode gpt2.Value text) (ids qwen) $"Qwen2: {text}"
                    Expect.equal (encode neox.Value text) (ids neoxIds) $"GPT-NeoX: {text}"

                Expect.equal (neox.Value.Vocabulary, neox.Value.EndOfText) (50277, 0) "GPT-NeoX"

            testCase "byte-level ids come back as the text, at once and piece by piece"
            <| fun () ->
                for tokenizer in [ gpt2.Value :> ITokenizer; neox.Value ] do
                    for text, _, _ in byteLevel do
                        let ids = tokenizer.Encode text
                        Expect.equal (tokenizer.Decode ids) (composed text) text
                        Expect.equal (String.Concat(pieces tokenizer ids)) (composed text) text

                    let family = "👩‍👩‍👧‍👦 東京"
                    let parts = pieces tokenizer (tokenizer.Encode family)
                    Expect.isTrue (List.contains "" parts) "some tokens complete no character"
                    Expect.isFalse (parts |> List.exists _.Contains('\ufffd')) "no broken character"
                    let cut = tokenizer.Encode "😀" |> Seq.take 1
                    Expect.equal (String.Concat(pieces tokenizer cut)) "\ufffd" "a cut character shows at the end"

            testCase "CLIP's ids come back as words; specials are left out; unknown ids show"
            <| fun () ->
                let clip = clipOf.Value
                Expect.equal (clip.Decode(clip.Encode "A photo,  of CATS!")) "a photo , of cats !" "words"
                Expect.equal (clip.Decode [ 49406; 320; 2368; 49407 ]) "a cat" "specials"
                Expect.equal (clip.Decode [ 99999; -1 ]) "\ufffd\ufffd" "unknown"

            testCase "normal form C: marks in order, syllables, characters that are never composed"
            <| fun () ->
                for text, expected in
                    [
                        "a\u0323\u0302", "ậ"
                        "a\u0302\u0323", "ậ"
                        "\u1112\u1161\u11ab", "한"
                        "\uac00\u11a8", "각"
                        "\u0958", "\u0915\u093c"
                        "\u2126\u212a", "ΩK"
                        "a\u0315\u0300\u05ae\u0062", "\u00e0\u05ae\u0315b"
                        "plain", "plain"
                        "\ufa30", "侮"
                    ] do
                    Expect.equal (NormalForm.Compose text) expected $"%A{Seq.map int text}"

            testCase "a small vocabulary: merges by rank, special tokens behind, a conversation"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    writeSmall folder [ "a b"; "b c"; "ab c"; "Ġ abc"; "u s"; "us e"; "use r" ]
                    let t = Qwen2Tokenizer.Open folder
                    Expect.equal (t.EndOfText, t.TurnStart, t.TurnEnd, t.Vocabulary) (263, 264, 265, 266) "specials"
                    Expect.equal (encode t "abc abc bc") [ 258; 259; 32; 257 ] "the lower rank goes first"
                    Expect.equal (encode t "<|im_end|>").Length 10 "in a text it is text"
                    Expect.equal (List.ofSeq (t.Encode("<|im_end|>", special = true))) [ 265 ] "unless told otherwise"

                    let expected =
                        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n@\nabc<|im_end|>\n<|im_start|>assistant\n"
                            .Split('@')
                        |> Array.map (fun part -> List.ofSeq (t.Encode(part, special = true)))

                    let chat = t.Chat [| ChatTurn.User("abc", images = 1) |] |> List.ofSeq
                    Expect.equal chat (expected[0] @ [ -200 ] @ expected[1]) "one image before the question"

                    let plain =
                        t.Chat([| ChatTurn("system", "s"); ChatTurn.User "<|im_end|>" |], answer = false)

                    Expect.equal (plain |> Seq.filter ((=) t.TurnEnd) |> Seq.length) 2 "users cannot end a turn"
                    failsSaying [ "no turns" ] (fun () -> t.Chat [||] |> ignore)

                    // To learn: the answers, each with its end and the line's end; not the headers, questions and images.
                    let turns =
                        [|
                            ChatTurn.User("abc", images = 1)
                            ChatTurn.Assistant "bc abc"
                            ChatTurn.User "b"
                            ChatTurn.Assistant "ab"
                        |]

                    let struct (ids, labels) = t.ChatToLearn turns
                    Expect.equal (List.ofSeq ids) (List.ofSeq (t.Chat(turns, answer = false))) "the same ids"
                    Expect.equal labels.Count ids.Count "a label each"

                    let learned =
                        [
                            for id, label in Seq.zip ids labels do
                                if label <> -100 then
                                    Expect.equal label id "itself"
                                    label
                        ]

                    let answer text =
                        encode t text @ [ t.TurnEnd ] @ encode t "\n"

                    Expect.equal learned (answer "bc abc" @ answer "ab") "the answers"

            testCase "one tokenizer serves many threads"
            <| fun () ->
                let fresh = ClipTokenizer.Open(shared "data/tokenizers/clip/tokenizer.json.gz")

                [|
                    for _ in 1..8 do
                        yield! clip
                |]
                |> Array.Parallel.iter (fun (text, expected) -> Expect.equal (encode fresh text) (ids expected) text)

            testCase "hostile texts: lone surrogates, zero bytes, a very long word, in bounded time"
            <| fun () ->
                for tokenizer in [ clipOf.Value :> ITokenizer; gpt2.Value; neox.Value ] do
                    for text in
                        [
                            "\ud800"
                            "x\udc00y"
                            "\ud83d"
                            "\u0000"
                            String('a', 300_000)
                            String('\ud83d', 999)
                        ] do
                        for id in tokenizer.Encode text do
                            Expect.isTrue (id >= 0 && id < tokenizer.Vocabulary) "an id of the vocabulary"

        ]
