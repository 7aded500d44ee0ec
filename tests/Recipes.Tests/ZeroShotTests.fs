/// Classes that are captions: laws of the probabilities, ensembles, batches, modes, bad input. Random weights.
module Recipes.Tests.ZeroShotTests

open System
open System.IO
open Expecto
open TorchSharp
open Recipes
open Recipes.Data
open Recipes.Models
open Recipes.Tests.Support

let private tokenizer =
    lazy ClipTokenizer.Open(shared "data/tokenizers/clip/bpe_simple_vocab_16e6.txt.gz")

let private clipSpec =
    ClipSpec(
        Name = "clip_small",
        ImageSize = 32,
        Patch = 16,
        VisionWidth = 64,
        VisionLayers = 1,
        Text = ClipTextSpec(Width = 64, Layers = 1, Embedding = 64)
    )

let private mobileClipSpec =
    MobileClipSpec(
        Name = "mobileclip_small",
        Image = MobileOne.Mini(64, 8),
        Text = TextEncoderSpec(Width = 64, Layers = 1, Hybrid = true)
    )

let private clip = lazy clipSpec.Build 3L
let private mobileClip = lazy mobileClipSpec.Build 3L
let private classes = [| "a cat"; "a dog"; "two red cars"; "東京" |]

let private options templates =
    ZeroShotOptions(Templates = templates, Batch = 2, TextBatch = 3)

let private values (tensor: torch.Tensor) =
    tensor.data<float32>().ToArray() |> Array.map float

let private images (model: IImageText) count =
    let size = int64 model.Preprocessing.Resolution
    torch.rand ([| int64 count; 3L; size; size |], generator = new torch.Generator(5UL))

let private near expected found what =
    for e: float, f in Seq.zip (expected: seq<float>) (found: seq<float>) do
        Expect.floatClose { absolute = 1e-5; relative = 1e-4 } f e what

let private pictures folder =
    [|
        for width, height in [ 40, 30; 7, 90; 64, 64 ] ->
            let path = Path.Combine(folder, $"{width}x{height}.png")
            let rgb = Array.init (3 * width * height) (fun i -> byte (i * i / 7 + i))
            File.WriteAllBytes(path, ImageBytes.ToPng(ReadOnlySpan rgb, width, height))
            path
    |]

[<Tests>]
let tests =
    torchTests
        "zero-shot"
        [
            testCase "rows of probabilities sum to 1 and follow the order of prompts and images"
            <| fun () ->
                let check (model: 'T when 'T :> torch.nn.Module and 'T :> IImageText) =
                    use batch = images model 5

                    let run prompts (batch: torch.Tensor) =
                        use p = model.ZeroShot(batch, prompts, tokenizer.Value, options ClipTemplates.None)
                        Expect.equal (List.ofArray p.shape) [ 5L; int64 (Array.length prompts) ] "shape"
                        values p |> Array.chunkBySize prompts.Length

                    let plain = run classes batch
                    Expect.all plain (fun row -> abs (Array.sum row - 1.0) < 1e-5) "sums"
                    let reversed = run (Array.rev classes) batch
                    near (Array.concat plain) (reversed |> Array.collect Array.rev) "prompts in another order"
                    use flipped = batch.flip 0L
                    near (Array.concat (Array.rev plain)) (Array.concat (run classes flipped)) "images in another order"

                check clip.Value
                check mobileClip.Value

            testCase "the formula: softmax of scale times the products of normalised embeddings"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use _ = torch.no_grad ()
                let model = clip.Value
                model.eval ()
                use batch = images model 2
                let tokens = tokenizer.Value.Encode classes

                let logits =
                    model.Scale() * model.EncodeImage(batch).matmul(model.EncodeText(tokens).t())

                model.train ()
                use found = model.ZeroShot(batch, classes, tokenizer.Value)
                near (values (logits.softmax -1L)) (values found) "probabilities"
                Expect.isTrue model.training "the mode is as before"
                model.eval ()
                model.ZeroShot(batch, classes, tokenizer.Value).Dispose()
                Expect.isFalse model.training "also evaluation mode"

            testCase "an ensemble of one sentence many times is that sentence; of seven, its normalised mean"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                let model = clip.Value

                let embeddings templates names =
                    use classifier =
                        ZeroShotClassifier.Of(model, names, tokenizer.Value, options templates)

                    classifier.Embeddings.clone ()

                let once = embeddings ClipTemplates.Simple [| "cat"; "dog" |]
                let five = embeddings (Array.replicate 5 "a photo of a {}.") [| "cat"; "dog" |]
                near (values once) (values five) "identical prompts"
                let seven = embeddings ClipTemplates.Seven [| "cat" |]

                let each =
                    embeddings ClipTemplates.None [| for t in ClipTemplates.Seven -> t.Replace("{}", "cat") |]

                let mean = each.mean ([| 0L |], keepdim = true)
                near (values (mean / mean.norm ())) (values seven) "the mean"
                Expect.equal ClipTemplates.Seven.Count 7 "seven"

            testCase "files of different sizes, in batches, as one result that shows itself"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let files = pictures folder
                    let model = mobileClip.Value

                    let result =
                        model.ZeroShot(files, classes, tokenizer.Value, options ClipTemplates.Simple)

                    Expect.equal (List.ofSeq result.Images) (List.ofArray files) "images"

                    let row (i: int) = Array.ofSeq result.Probabilities[i]

                    for i in 0..2 do
                        Expect.floatClose Accuracy.medium (Seq.sum (row i)) 1.0 "sum"

                        let alone =
                            model.ZeroShot([| files[i] |], classes, tokenizer.Value, options ClipTemplates.Simple)

                        near (Array.ofSeq alone.Probabilities[0]) (row i) "a file alone"
                        let struct (best, probability) = result.Top(i)[0]
                        Expect.equal probability (Seq.max (row i)) best

                    Expect.stringContains (string result) "7x90.png" "text"
                    Expect.stringContains (result.ToHtml()) "two red cars" "HTML"

            testCase "no tensor stays behind"
            <| fun () ->
                use batch = images clip.Value 3

                let live () =
                    use p = clip.Value.ZeroShot(batch, classes, tokenizer.Value)
                    torch.Tensor.TotalCount

                live () |> ignore
                let before = live ()
                Expect.equal (live ()) before "live tensors"

            testCase "captions of more than 75 tokens are cut, and still differ by their beginning"
            <| fun () ->
                let long start =
                    String.replicate 60 (start + " ") + String.replicate 100 "cat "

                use batch = images clip.Value 1

                use p =
                    clip.Value.ZeroShot(batch, [| long "dog"; long "dog" + "tree"; long "car" |], tokenizer.Value)

                let row = values p
                Expect.floatClose Accuracy.high row[0] row[1] "what is cut does not count"
                Expect.isTrue (row[0] <> row[2]) "what is kept does"

            testCase "bad input has one clear error"
            <| fun () ->
                let model = clip.Value
                use batch = images model 1
                let t = tokenizer.Value
                failsSaying [ "classes"; "at least one" ] (fun () -> model.ZeroShot(batch, [||], t).Dispose())
                failsSaying [ "images"; "at least one" ] (fun () -> model.ZeroShot([||], classes, t) |> ignore)

                failsSaying [ "'a photo' has no {}"; "Batch: expected at least 1" ] (fun () ->
                    model
                        .ZeroShot(batch, classes, t, ZeroShotOptions(Templates = [| "a photo" |], Batch = 0))
                        .Dispose())

                failsSaying [ "images: expected [B, 3, 32, 32], found [1, 3, 16, 32]" ] (fun () ->
                    use small = torch.zeros (1L, 3L, 16L, 32L)
                    model.ZeroShot(small, classes, t).Dispose())

                failsSaying [ "nowhere.png"; "found nothing" ] (fun () ->
                    model.ZeroShot([| "nowhere.png" |], classes, t) |> ignore)

            testCase "text encoders refuse ids that they do not know, other types and other lengths"
            <| fun () ->
                let refuses (encode: torch.Tensor -> torch.Tensor) name =
                    for value in [ 49408L; -1L; -200L; Int64.MaxValue ] do
                        failsSaying [ name; $"token id {value} at [0, 3]"; "vocabulary of 49408" ] (fun () ->
                            use tokens = torch.zeros ([| 1L; 77L |], torch.ScalarType.Int64)
                            tokens[0L, 3L] <- torch.tensor value
                            (encode tokens).Dispose())

                    failsSaying [ name; "int64" ] (fun () ->
                        use tokens = torch.zeros (1L, 77L)
                        (encode tokens).Dispose())

                    failsSaying [ name; "found int64 [77]" ] (fun () ->
                        use tokens = torch.zeros ([| 77L |], torch.ScalarType.Int64)
                        (encode tokens).Dispose())

                refuses clip.Value.EncodeText "CLIP's text encoder"
                refuses mobileClip.Value.EncodeText "MobileCLIP's text encoder"

                failsSaying [ "[N, 77]"; "found [1, 20]" ] (fun () ->
                    use tokens = torch.zeros ([| 1L; 20L |], torch.ScalarType.Int64)
                    clip.Value.EncodeText(tokens).Dispose())
        ]
