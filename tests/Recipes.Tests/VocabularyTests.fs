/// Vocabulary files: their kinds, missing, wrong, damaged.
module Recipes.Tests.VocabularyTests

open System
open System.IO
open System.Text
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.TextDoubles

[<Tests>]
let tests =
    testList
        "text vocabularies"
        [
            testCase "Qwen2's special tokens stand behind its 151,643; merges may be pairs, files may be packed"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let merges = [ "a b"; "ab c" ]
                    let made = smallVocabulary merges
                    let filler = [ for i in made.Length .. 151_642 -> $"filler {i}", i ]

                    let pairs =
                        String.Join(",", [ for m in merges -> Json.JsonSerializer.Serialize(m.Split ' ') ])

                    let path = Path.Combine(folder, "tokenizer.json.gz")

                    (use file =
                        new Compression.GZipStream(File.Create path, Compression.CompressionLevel.Fastest)

                     $"{{\"model\":{{\"vocab\":{json (made @ filler)},\"merges\":[{pairs}]}}}}"
                     |> Encoding.UTF8.GetBytes
                     |> file.Write)

                    let t = Qwen2Tokenizer.Open folder
                    Expect.equal (t.EndOfText, t.TurnStart, t.TurnEnd) (151643, 151644, 151645) "specials"
                    Expect.equal (List.ofSeq (t.Encode "abc")) [ 257 ] "merges"

            testCase "a missing vocabulary names the command; the catalogue has its address"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    failsSaying [ "recipes data get clip-vocabulary"; folder ] (fun () ->
                        Vocabularies.Clip(DataRoots [| folder |]) |> ignore)

                    Expect.isFalse (Vocabularies.Has("clip-vocabulary", DataRoots [| folder |])) "not there"

                let entry = DataCatalog.Find "clip-vocabulary"
                Expect.equal entry.Bytes 1356917L "size"
                Expect.stringContains entry.Files[0].Url.AbsoluteUri "github.com/openai/CLIP" "the official repository"

            testCase "wrong files are refused with one error that names them"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "tokenizer.json")
                    let clipText = Path.Combine(folder, "clip.txt")

                    for content in
                        [
                            ""
                            "{"
                            "[]"
                            "{}"
                            "{\"model\":{}}"
                            "{\"model\":{\"vocab\":{\"a\":\"b\"},\"merges\":[]}}"
                            "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]}}"
                            "{\"model\":{\"vocab\":{\"a\":-1},\"merges\":[]}}"
                            "{\"model\":{\"vocab\":{\"a\":2000000000},\"merges\":[[1,2]]}}"
                            "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[null]}}"
                            "{\"model\":3}"
                            "\u001f\u008b"
                        ] do
                        File.WriteAllText(path, content)
                        failsSaying [ path ] (fun () -> Qwen2Tokenizer.Open path |> ignore)
                        failsSaying [ path ] (fun () -> GptNeoXTokenizer.Open folder |> ignore)
                        failsSaying [ path ] (fun () -> ClipTokenizer.Open path |> ignore)
                        File.WriteAllText(clipText, content)
                        failsSaying [ clipText ] (fun () -> ClipTokenizer.Open clipText |> ignore)

                    let whole =
                        File.ReadAllBytes(shared "data/tokenizers/clip/bpe_simple_vocab_16e6.txt.gz")

                    for kept in [ 3; 1000; 100_000 ] do
                        File.WriteAllBytes(clipText, whole[.. kept - 1])
                        failsSaying [ clipText ] (fun () -> ClipTokenizer.Open clipText |> ignore)

                    writeSmall folder [ "a b"; "q q x" ]

                    failsSaying [ "merge 'q q x'" ] (fun () ->
                        Qwen2Tokenizer.Open(Path.Combine(folder, "vocab.json")) |> ignore)

                    File.Delete(Path.Combine(folder, "merges.txt"))

                    failsSaying [ "merges.txt" ] (fun () ->
                        Qwen2Tokenizer.Open(Path.Combine(folder, "vocab.json")) |> ignore)

            testCase "damaged vocabularies are read or refused, nothing else"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let merges = [ "a b"; "ab c"; "Ġ abc" ]
                    let tokens = json (smallVocabulary merges)
                    let list = String.Join(",", [ for m in merges -> $"\"{m}\"" ])

                    let special =
                        """[{"id":259,"content":"<|endoftext|>","special":true,"normalized":false}]"""

                    let seed =
                        $"{{\"added_tokens\":{special},\"model\":{{\"vocab\":{tokens},\"merges\":[{list}]}}}}"
                        |> Encoding.UTF8.GetBytes

                    let path = Path.Combine(folder, "tokenizer.json")

                    FuzzDoubles.survives "tokenizer.json" [ seed ] path (fun bytes ->
                        File.WriteAllBytes(path, bytes)
                        let tokenizer = Qwen2Tokenizer.Open path
                        tokenizer.Decode(tokenizer.Encode("abc abc ü😀", special = true)) |> ignore)
                    |> ignore

                    let packed =
                        File.ReadAllBytes(shared "data/tokenizers/clip/bpe_simple_vocab_16e6.txt.gz")

                    let path = Path.Combine(folder, "clip.txt.gz")

                    for case in 0 .. FuzzDoubles.cases / 100 do
                        File.WriteAllBytes(path, FuzzDoubles.mutation "clip vocabulary" [ packed ] case)

                        try
                            (ClipTokenizer.Open path).Encode "a photo of a cat" |> ignore
                        with :? RecipesException as e ->
                            Expect.stringContains e.Message path "the name"
        ]
