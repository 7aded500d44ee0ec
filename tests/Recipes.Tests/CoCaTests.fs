/// The captioner: causal, blind to padding, and the same captions however they are made.
module Recipes.Tests.CoCaTests

open System
open Expecto
open Recipes.Data
open Recipes.Layers
open Recipes.Models
open Recipes.Training
open Recipes.Tests.CoCaDoubles
open Recipes.Tests.Support
open TorchSharp

let private ids (rows: int64 list list) =
    torch.tensor(array2D rows |> Seq.cast<int64> |> Seq.toArray).view(int64 rows.Length, int64 rows.Head.Length)

let private distance (a: torch.Tensor) (b: torch.Tensor) = (a - b).abs().max().item<float32>()

let private fin = int64 tokenizer.EndOfText

[<Tests>]
let tests =
    torchTests
        "coca"
        [
            testCase "one pass gives embeddings of length 1 and logits of every token"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use _ = torch.no_grad ()
                use network = build 1L

                let tokens =
                    targets([ "a red circle"; "a blue star and a small red ring" ]).select(1L, 0L)

                let outputs = network.Describe(pixels 2, tokens)
                Expect.sequenceEqual outputs.Logits.shape [ 2L; 14L; int64 spec.Vocabulary ] "logits"

                for embedding, alone in
                    [
                        outputs.Image, network.EncodeImage(pixels 2)
                        outputs.Text, network.EncodeText tokens
                    ] do
                    Expect.sequenceEqual embedding.shape [ 2L; 8L ] "embedding"
                    Expect.isLessThan (distance (embedding.square().sum(1L)) (torch.ones 2L)) 1e-5f "length"
                    Expect.isLessThan (distance embedding alone) 1e-5f "each tower alone"

            testCase "a later token changes nothing before it; the image changes everything"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use _ = torch.no_grad ()
                use network = build 1L

                let logits (last: int64) images =
                    network.Describe(images, ids [ [ 5L; 6L; 7L; last; 9L ] ]).Logits

                let image = (pixels 2).narrow(0L, 0L, 1L)
                let a, b = logits 8L image, logits 30L image
                Expect.isLessThan (distance (a.narrow (1L, 0L, 3L)) (b.narrow (1L, 0L, 3L))) 1e-6f "before"
                Expect.isGreaterThan (distance (a.narrow (1L, 3L, 2L)) (b.narrow (1L, 3L, 2L))) 1e-4f "from there on"
                let other = logits 8L ((pixels 2).narrow(0L, 1L, 1L))
                Expect.isGreaterThan (distance (a.select (1L, 0L)) (other.select (1L, 0L))) 1e-6f "another image"

            testCase "what stands behind the end counts nowhere, not even a word with the id of padding before it"
            <| fun () ->
                use scope = torch.NewDisposeScope()

                use labels =
                    Captioning.Labels(ids [ [ 9L; 0L; 7L; fin; 0L; 0L ]; [ 9L; 5L; 6L; 7L; 8L; fin ] ])

                let none = TokenLoss.Ignored

                Expect.sequenceEqual (labels.data<int64>()) [ 0L; 7L; fin; none; none; 5L; 6L; 7L; 8L; fin ] "labels"

                use network = build 1L

                let measure padding =
                    use tokens = ids [ [ 9L; 5L; 7L; fin; padding; padding ] ]
                    use inputs = (pixels 1).MoveToOuterDisposeScope()
                    let source = TensorSource("padded", inputs, tokens.unsqueeze 1L, 0, 1)
                    use text = network.EncodeText tokens

                    let found =
                        Captioning().Evaluate(network, source, EvaluationOptions(), Threading.CancellationToken.None)

                    found.Loss, (text.data<float32>()).ToArray()

                let loss, text = measure 0L
                let padded, same = measure 3L
                Expect.floatClose Accuracy.high padded loss "loss"
                Expect.sequenceEqual same text "embedding"

            testCase "captions are the same with a cache and without, in one batch or several, and by seed"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use network = build 2L
                let images = pixels 3
                let how = sampling 1.0 0.9 5L
                let all = generate network images 4 how 0L true
                Expect.hasLength all 12 "four of each"
                Expect.equal (generate network images 4 how 0L false) all "without a cache"
                let last = images.narrow (0L, 2L, 1L)
                Expect.equal (generate network last 4 how 2L true) (List.skip 8 all) "the third image alone"
                Expect.notEqual (generate network images 4 (sampling 1.0 0.9 6L) 0L true) all "another seed"
                Expect.notEqual all[0] all[1] "captions of an image differ"
                let greedy = generate network images 2 (sampling 0.0 1.0 1L) 0L true
                Expect.equal (generate network images 2 (sampling 0.0 1.0 1L) 0L false) greedy "greedy"
                Expect.equal (generate network images 2 (sampling 1.0 1e-9 1L) 0L true) greedy "the smallest nucleus"

            testCase "every token drawn is of the nucleus"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use _ = torch.no_grad ()
                use network = build 3L
                let images = pixels 1

                for row in generate network images 5 (sampling 1.0 0.3 9L) 0L true do
                    let tokens = int64 tokenizer.Start :: List.map int64 row
                    let p = network.Describe(images, ids [ tokens ]).Logits.squeeze(0L).softmax(-1L)

                    for place, token in List.indexed row do
                        let own = p[int64 place, int64 token]

                        let above = p[int64 place].masked_fill(p[int64 place].le own, 0.0f.ToScalar())

                        Expect.isLessThan (above.sum().item<float32>()) 0.3001f $"token {place}"

            testCase "a few captions are learned by heart, and no step leaves a tensor behind"
            <| fun () ->
                let captions =
                    [
                        "a red circle"
                        "a picture of a blue star"
                        "an arrow"
                        "a green ring and a small cyan cross"
                    ]

                use network = build 4L
                let source seed = source seed captions

                let plan =
                    TrainPlan(
                        Epochs = 300,
                        Optimizer = Optim.AdamW 0.01,
                        LearningRate = Schedule.Cosine(),
                        ClipNorm = Nullable 1.0
                    )

                use result =
                    Trainer.Train(
                        network,
                        plan,
                        source (Nullable 1L),
                        source (Nullable()),
                        TrainOptions(Objective = Captioning(), EvaluateEvery = 100)
                    )

                Expect.equal result.LiveTensorsLate result.LiveTensorsEarly "live tensors"
                Expect.isLessThan result.Final.Loss 0.1 "loss"
                Expect.isGreaterThan result.Final.Top1 0.99 "next tokens"
                Expect.equal result.Final.Count 4 "captions"

                let captioner =
                    Captioner(network, options = sampling 0.0 1.0 0L, Batch = 3) :> ICaptioner

                let written = captioner.Caption(ResizeArray(images 4), 2, 0L)
                Expect.equal [ for c in written -> Seq.toList c ] [ for c in captions -> [ c; c ] ] "captions"

            testCase "generation leaves no tensor behind"
            <| fun () ->
                use network = build 5L
                use images = pixels 2

                for cached in [ true; false ] do
                    flat "generation" (fun () -> generate network images 2 (sampling 1.0 0.9 1L) 0L cached |> ignore)

            testCase "a caption ends before its first full stop"
            <| fun () ->
                for text, first in [ "a cat. it sleeps .", "a cat"; "no stop ", "no stop"; ". x", ""; "", "" ] do
                    Expect.equal (Captioner.FirstSentence text) first text

            testCase "every encoder with tokens says how wide they are"
            <| fun () ->
                soundOneDnn ()

                for spec in
                    [
                        vit :> ModelSpec
                        FastVit.Mini(1, 8).WithoutExpansion()
                        PlainVit.Near(1_000_000L, 4, 64)
                    ] do
                    use scope = torch.NewDisposeScope()
                    use _ = torch.no_grad ()
                    use network = spec.Build()
                    let encoder = network :> obj :?> ITokenEncoder
                    let side = int64 (min spec.Resolution 224)
                    let tokens = encoder.Tokens(torch.rand (1L, 3L, side, side))
                    Expect.equal (tokens.dim (), tokens.shape[2]) (3L, int64 encoder.TokenWidth) spec.Name

            testCase "what cannot be is refused with all reasons"
            <| fun () ->
                use network = build 1L
                use images = pixels 1

                failsSaying [ "Heads 5"; "Layers is 0" ] (fun () -> resized(5, 0).Build() |> ignore)

                failsSaying [ "tokens"; "mobileone" ] (fun () -> CoCa.Of("x", MobileOne.Mini(), 16).Build() |> ignore)

                failsSaying [ "1 caption"; "0" ] (fun () ->
                    generate network images 0 (sampling 1.0 0.9 0L) 0L true |> ignore)

                failsSaying [ "at most 14"; "15" ] (fun () ->
                    network.EncodeText(torch.ones (1L, 15L, dtype = torch.int64)) |> ignore)
        ]
