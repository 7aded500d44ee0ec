module Recipes.Tests.ReinforcedSampleTests

open System
open System.Collections.Generic
open System.IO
open System.Text
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.ArrayDoubles
open Recipes.Tests.Support

let private teachers = [| 4; 8 |]

/// Rows of unit vectors, one for each teacher.
let private table name rows =
    let mutable rng = Rng.Stream(9L, name)

    [|
        for _ in 1..rows do
            for width in teachers do
                let part = [| for _ in 1..width -> rng.NextNormal() |]
                let length = sqrt (Array.sumBy (fun v -> v * v) part)
                yield! part |> Array.map (fun v -> float32 (v / length))
    |]
    |> fun values -> EmbeddingTable.Of(ReadOnlySpan values, Array.sum teachers)

let private sample =
    let mutable rng = Rng.Stream(4L, "sample")

    ReinforcedSample(
        Key = "000017",
        Image = [| 1uy; 2uy; 3uy |],
        ImageKind = "webp",
        Url = "http://x.test/ü.jpg",
        Captions = [ "A \"red\" boat\n\u2764"; "zweite Überschrift" ],
        Augmentations =
            [
                for _ in 1..3 -> StoredAugmentation.Draw(StoredAugmentationPolicy.Strong, 80, 60, 224, &rng)
            ],
        Synthetic =
            [
                SyntheticCaptions("syn_text", [ "one"; "two" ], table "one" 2)
                SyntheticCaptions("short_captions", [ "three"; "\U0001F600"; "" ], table "two" 3)
            ],
        ImageEmbeddings = table "image" 3,
        TextEmbeddings = table "text" 2,
        Others = Dictionary(dict [ "logits", table "logits" 3 ]),
        Json = """{"width": 80, "height": 60}"""
    )

let private members (written: IReadOnlyList<struct (string * byte[])>) =
    Dictionary(
        written
        |> Seq.map (fun struct (ending, content) -> KeyValuePair(ending, content))
    )

let private read files =
    ReinforcedSample.Read("000017", files, teachers)

let private files precision older =
    members (sample.Write(ReinforcedLayout(Precision = precision, Older = older)))

let private halved =
    let half (t: EmbeddingTable) = t.ToBfloat16()

    ReinforcedSample(
        Key = sample.Key,
        Image = sample.Image,
        ImageKind = sample.ImageKind,
        Url = sample.Url,
        Captions = sample.Captions,
        Augmentations = sample.Augmentations,
        Synthetic =
            [
                for s in sample.Synthetic -> SyntheticCaptions(s.Key, s.Captions, half s.Embeddings)
            ],
        ImageEmbeddings = half sample.ImageEmbeddings,
        TextEmbeddings = half sample.TextEmbeddings,
        Others = Dictionary(dict [ "logits", half sample.Others["logits"] ]),
        Json = sample.Json
    )

let private written =
    testList
        "written"
        [
            testCase "every layout and precision reads back equal; bfloat16 is the rounded sample"
            <| fun () ->
                for older in [ false; true ] do
                    Expect.equal (read (files EmbeddingPrecision.Float32 older)) sample $"float32, older {older}"
                    Expect.equal (read (files EmbeddingPrecision.Bfloat16 older)) halved $"bfloat16, older {older}"

                Expect.notEqual halved sample "they differ"

                Expect.equal
                    (files EmbeddingPrecision.Float32 false |> _.Keys |> Seq.toList)
                    [ "json"; "npz"; "paug.json"; "syn.json"; "txt"; "url.txt"; "webp" ]
                    "in order"

            testCase "npz is preferred; pictures may be elsewhere"
            <| fun () ->
                let both = files EmbeddingPrecision.Bfloat16 false
                both["npz"] <- (files EmbeddingPrecision.Float32 false)["npz"]
                both.Remove "webp" |> ignore
                let found = read both
                Expect.isFalse found.ImageEmbeddings.IsBfloat16 "float32"
                Expect.isNull found.Image "no picture"

            testCase "bfloat16 is rounded to the nearest, halves to even, and widened exactly"
            <| fun () ->
                let values =
                    [|
                        1.0f
                        1.00390625f
                        1.01171875f
                        -1.0039063f
                        0.0f
                        infinityf
                        3.4e38f
                        1e-40f
                    |]

                let half = EmbeddingTable.Of(ReadOnlySpan values, values.Length).ToBfloat16()
                use expected = TorchSharp.torch.tensor(values).to_type TorchSharp.torch.bfloat16
                use widened = expected.to_type TorchSharp.torch.float32

                Expect.sequenceEqual
                    (half.Row(0) |> Array.map BitConverter.SingleToInt32Bits)
                    (widened.data<float32>().ToArray() |> Array.map BitConverter.SingleToInt32Bits)
                    "as torch rounds"

                use tensor = half.ToTensor()
                Expect.equal (EmbeddingTable.Of tensor) half "through a tensor"
                Expect.equal half.Length (2 * values.Length) "two bytes each"
                let nan = EmbeddingTable.Of(ReadOnlySpan [| nanf; -nanf |], 1).ToBfloat16()
                Expect.isTrue (Single.IsNaN(nan.Row(0)[0]) && Single.IsNaN(nan.Row(1)[0])) "no number stays none"

            testCase "numpy and torch read what we write"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    for KeyValue(ending, content) in files EmbeddingPrecision.Float32 false do
                        File.WriteAllBytes(Path.Combine(folder, "s." + ending), content)

                    File.WriteAllBytes(
                        Path.Combine(folder, "s.pth.gz"),
                        (files EmbeddingPrecision.Bfloat16 false)["pth.gz"]
                    )

                    let script =
                        "import sys, gzip, io, json, numpy, torch\nf = sys.argv[1] + '/s.'\nz = numpy.load(f + 'npz')\nd = torch.load(io.BytesIO(gzip.open(f + 'pth.gz').read()))\nassert sorted(d) == sorted(z.files), (list(d), z.files)\nassert all(d[k].dtype == torch.bfloat16 and torch.equal(d[k], torch.from_numpy(z[k]).bfloat16()) for k in d)\np = json.load(open(f + 'paug.json'))['param_aug']; s = json.load(open(f + 'syn.json'))\nprint(z['image_emb'].shape, len(p), p[0][1][0][1], len(s['short_captions']), json.load(open(f + 'json'))['captions'][1])"

                    let output = python "torch, numpy" script [ folder ]
                    let first = sample.Augmentations[0].Operations[0].Magnitude
                    let shown = if first = floor first then $"{first}.0" else $"{first}"
                    Expect.equal output $"(3, 12) 3 {shown} 3 zweite Überschrift" "shapes and texts")
        ]

let private problems =
    let wrong (fragments: string list) (change: Dictionary<string, byte[]> -> unit) =
        let changed = files EmbeddingPrecision.Float32 false
        change changed
        failsSaying ("000017" :: fragments) (fun () -> read changed |> ignore)

    let text (value: string) = Encoding.UTF8.GetBytes value

    testList
        "problems"
        [
            testCase "everything missing or damaged is one error with the key"
            <| fun () ->
                wrong [ "txt is missing"; "paug.json is missing"; "npz or pth.gz is missing" ] _.Clear()

                wrong
                    [
                        "paug.json is no JSON"
                        "syn.json: a: expected a list"
                        "txt is no UTF-8"
                        "zip archive"
                    ]
                    (fun files ->
                        files["paug.json"] <- text "{"
                        files["syn.json"] <- text """{"a": [1]}"""
                        files["txt"] <- [| 255uy |]
                        files["npz"] <- files["npz"][..99])

                wrong [ "augmentation 1: expected [[top"; "json: expected an object" ] (fun files ->
                    files["json"] <- text "[]"
                    files["paug.json"] <- text """{"param_aug": [[[0, 0, 5, 5], null], 7]}""")

                wrong [ "param_aug is missing" ] (fun files -> files["paug.json"] <- text "{}")
                wrong [ "expected a list" ] (fun files -> files["paug.json"] <- text """{"param_aug": "{}"}""")
                wrong [ "paug.json is no JSON" ] (fun files -> files["paug.json"] <- text """{"param_aug": "[["}""")

            testCase "rows, widths and lengths that do not fit are one error with the key"
            <| fun () ->
                let longer =
                    Array.init 36 (fun i ->
                        if i = 12 then
                            2.0f
                        else
                            (sample.ImageEmbeddings.Row(i / 12))[i % 12])

                wrong
                    [
                        "image_emb: row 1 has length"
                        "text_emb has 1 rows for 2 captions"
                        "syn_text_emb is missing"
                        "short_captions_emb is 6 wide; expected 12, 2 teachers of 4 + 8"
                        "augmentation 0: the operation 20"
                    ]
                    (fun files ->
                        files["paug.json"] <-
                            text
                                """{"param_aug": [[[0, 0, 5, 5], [[20, 0.0]]], [[0, 0, 5, 5], null], [[0, 0, 5, 5], null]]}"""

                        let array (values: float32[]) width =
                            Weights.DenseArray(
                                Weights.Dtype.F32,
                                [| int64 (values.Length / width); int64 width |],
                                ReadOnlyMemory(Array.collect (fun (v: float32) -> BitConverter.GetBytes v) values)
                            )

                        files["npz"] <-
                            Weights.NpzFile.Write
                                [
                                    pair "image_emb" (array longer 12)
                                    pair "text_emb" (array (sample.TextEmbeddings.Row 0) 12)
                                    pair "short_captions_emb" (array (Array.replicate 18 0.5f) 6)
                                ])

            testCase "a wrong list of teachers, and rows that are no numbers"
            <| fun () ->
                let whole = files EmbeddingPrecision.Float32 false

                failsSaying [ "expected 36, 3 teachers" ] (fun () ->
                    ReinforcedSample.Read("000017", whole, [| 12; 12; 12 |]) |> ignore)

                failsSaying [ "length" ] (fun () -> ReinforcedSample.Read("000017", whole, [| 8; 4 |]) |> ignore)
                ReinforcedSample.Read("000017", whole) |> ignore

                let nans =
                    ReinforcedSample(
                        Key = "k",
                        Captions = [ "a" ],
                        Augmentations = [ StoredAugmentation(0, 0, 1, 1, null) ],
                        ImageEmbeddings = EmbeddingTable.Of(ReadOnlySpan [| nanf |], 1),
                        TextEmbeddings = EmbeddingTable.Of(ReadOnlySpan [| 1.0f |], 1)
                    )

                Expect.hasLength (nans.Problems()) 1 "the row that is no number"

            testCase "embeddings may be missing only where no teacher was asked"
            <| fun () ->
                let without = files EmbeddingPrecision.Float32 false
                without.Remove "npz" |> ignore
                without.Remove "pth.gz" |> ignore

                let read teachers =
                    ReinforcedSample.Read("000017", without, teachers)

                Expect.isNull (read [||]).ImageEmbeddings "none was asked"
                Expect.hasLength (read [||]).Captions 2 "the rest is there"
                failsSaying [ "npz or pth.gz is missing" ] (fun () -> read [| 8 |] |> ignore)
                failsSaying [ "npz or pth.gz is missing" ] (fun () -> read null |> ignore)

            testCase "more text rows than captions are taken apart only where they fit"
            <| fun () ->
                let older = files EmbeddingPrecision.Float32 true
                older["syn.json"] <- text """{"syn_text": ["one"]}"""
                failsSaying [ "text_emb has 7 rows for 2 captions" ] (fun () -> read older |> ignore)
        ]

[<Tests>]
let tests = torchTests "reinforced samples" [ written; problems ]
