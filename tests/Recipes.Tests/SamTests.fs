/// Segment Anything: the official code's numbers, and laws on a tiny one.
module Recipes.Tests.SamTests

open System.Diagnostics
open System.IO
open Expecto
open Recipes.Layers
open Recipes.Models
open Recipes.Reproductions.Parity
open Recipes.Tests.SamDoubles
open Recipes.Tests.Support
open Recipes.Weights
open TorchSharp

let private click =
    SamPromptTensors(
        torch.tensor([| 10.0f; 20.0f |]).reshape(1L, 1L, 2L),
        torch.ones ([| 1L; 1L |], dtype = torch.int64)
    )

[<Tests>]
let tests =
    torchTests
        "sam"
        [
            testCase "the official golden passes: every stage, five kinds of prompts, pixels in and out"
            <| fun () ->
                let report = ParityRun.Compare(shared "goldens/sam_vit-b-256_unfused.json")
                Expect.isTrue report.Passed (report.ToString())
                Expect.isGreaterThan report.Checks.Count 1500 "comparisons"

            testCase "keys, shapes and parameters are those of the official checkpoints"
            <| fun () ->
                let watch = Stopwatch.StartNew()
                use model = Sam.VitB.Build()
                Expect.isLessThan watch.Elapsed patience "building (0.4 s on an idle machine)"
                let found = [ for e in StateDict.Of model -> e.Key, List.ofArray e.Value.shape ]
                Expect.equal found (official Sam.VitB) "names, shapes, order"
                Expect.hasLength found 314 "entries"

                // The buffer of frequencies, 2 x 128, is no parameter.
                for spec, parameters in [ Sam.VitB, 93735472L; Sam.VitL, 312342832L; Sam.VitH, 641090608L ] do
                    let elements = official spec |> List.sumBy (snd >> List.fold (*) 1L)
                    Expect.equal (elements - 256L) parameters spec.Name

            testCase "a checkpoint loads, and then runs at any size"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use _ = torch.no_grad ()
                    use scope = torch.NewDisposeScope()
                    use model = build tiny
                    let path = Path.Combine(folder, "sam_tiny.safetensors")
                    SafetensorsWriter.Write(path, StateDict.Of model)
                    use loaded = ModelWeights.Load((tiny.Build 5L), path)
                    let input = values "image" [ 1L; 3L; 48L; 32L ]
                    let struct (expected, _) = model.forward (input, click)
                    let struct (found, _) = loaded.forward (input, click)
                    Expect.equal (difference expected found) 0.0 "the same masks")

            testCase "prompts in a batch are as alone; several images go at once"
            <| fun () ->
                use _ = torch.no_grad ()
                use scope = torch.NewDisposeScope()
                use model = build tiny
                let images = values "image" [ 2L; 3L; 64L; 64L ]
                let points = 32.0 * (values "points" [ 4L; 3L; 2L ] + 1.0)

                let labels =
                    torch.tensor([| 1L; 0L; -1L; 1L; 1L; 0L; 0L; 0L; 1L; 1L; -1L; -1L |]).reshape(4L, 3L)

                let boxes =
                    torch
                        .tensor(
                            [|
                                for i in 0..3 do
                                    yield! [ 2.0f; 4.0f; float32 (20 + 9 * i); 40.0f ]
                            |]
                        )
                        .reshape(4L, 4L)

                let masks = values "mask" [ 4L; 1L; 64L; 64L ]
                let part (first: int64) count (t: torch.Tensor) = t.narrow (0L, first, count)
                let all = SamPromptTensors(points, labels, boxes, masks)
                let struct (logits, ious) = model.forward (images, all)
                Expect.sequenceEqual logits.shape [| 4L; 3L; 64L; 64L |] "masks"

                for i in 0L .. 3L do
                    let one =
                        SamPromptTensors(part i 1L points, part i 1L labels, part i 1L boxes, part i 1L masks)

                    let struct (alone, iou) = model.forward (part (i / 2L) 1L images, one)
                    Expect.isLessThan (difference (part i 1L logits) alone) 1e-4 $"prompt {i}"
                    Expect.isLessThan (difference (part i 1L ious) iou) 1e-5 $"IoU of prompt {i}"

            testCase "a single mask is the first of four, three are the others; padding points have no place"
            <| fun () ->
                use _ = torch.no_grad ()
                use scope = torch.NewDisposeScope()
                use model = build tiny
                let embedding = model.ImageEncoder.call (values "image" [ 1L; 3L; 64L; 64L ])
                let struct (one, iou) = model.Decode(embedding, click, false)
                let struct (three, ious) = model.Decode(embedding, click)
                Expect.sequenceEqual (Array.append one.shape iou.shape) [| 1L; 1L; 64L; 64L; 1L; 1L |] "one"
                Expect.sequenceEqual (Array.append three.shape ious.shape) [| 1L; 3L; 64L; 64L; 1L; 3L |] "three"
                Expect.isGreaterThan (difference one (three.narrow (1L, 0L, 1L))) 1e-3 "another mask"

                let padding (x: Scalar) =
                    SamPromptTensors(
                        torch.ones (1L, 1L, 2L) * x,
                        torch.ones ([| 1L; 1L |], dtype = torch.int64) * -1L.ToScalar()
                    )

                let sparse x =
                    model.PromptEncoder.Sparse(padding x, 64L, 64L)

                Expect.equal (difference (sparse (3.0.ToScalar())) (sparse (60.0.ToScalar()))) 0.0 "wherever it is"

            testCase "live tensors are flat over forwards and training; every parameter of the encoder learns"
            <| fun () ->
                use model = build tiny
                use input = values "image" [ 1L; 3L; 64L; 64L ]

                let masks () =
                    let struct (logits, ious) = model.forward (input, click)
                    ious.Dispose()
                    logits

                do
                    use _ = torch.no_grad ()
                    flat "forward" (fun () -> (masks ()).Dispose())

                flat "step" (fun () ->
                    use scope = torch.NewDisposeScope()
                    model.zero_grad ()
                    (masks ()).square().mean().backward())

                for struct (name, p) in model.ImageEncoder.named_parameters () do
                    Expect.isTrue (p.grad.abs().sum().item<float32>() > 0f) $"{name} has a gradient"

            testCase "copies and 16-bit weights"
            <| fun () ->
                use _ = torch.no_grad ()
                use scope = torch.NewDisposeScope()
                use model = build tiny
                let input = values "image" [ 1L; 3L; 64L; 64L ]
                let struct (expected, _) = model.forward (input, click)
                use copy = Modules.Copy model
                let struct (copied, _) = copy.forward (input, click)
                Expect.equal (difference expected copied) 0.0 "the copy"
                copy.``to`` (torch.bfloat16) |> ignore
                let struct (half, _) = copy.forward (input.``to`` (torch.bfloat16), click)
                Expect.equal half.dtype torch.bfloat16 "type"
                Expect.isLessThan (difference expected (half.``to`` (torch.float32))) 0.5 "roughly the same"

            testCase "costs: towers, and what attention multiplies"
            <| fun () ->
                let info = ModelInfo.Of(tiny, 80)
                Expect.sequenceEqual (info.Parts |> Seq.map _.Name) [ "image"; "prompt"; "mask" ] "towers"
                Expect.equal (info.Parts |> Seq.sumBy _.Parameters) info.Train.Parameters "all parameters"
                // 20 x 20 patches: 16 windows of 5 x 5 in two blocks, the whole map in one.
                let map windows side =
                    windows * side * side * 32L * (2L * side * side + 2L * side)

                let encoder = 2L * map 16L 5L + map 1L 20L
                // 5 + 2 tokens; 400 patches; layers of 32 and 16 channels.
                let layer = 2L * 7L * 7L * 32L + 2L * (2L * 7L * 400L * 16L)
                Expect.equal info.Train.AttentionMacs (encoder + 2L * layer + 2L * 7L * 400L * 16L) "products"
                failsSaying [ "sam_vit_b"; "several inputs or outputs" ] (fun () -> Zoo.Spec "sam_vit_b" |> ignore)
                Expect.contains Zoo.Names "sam_vit_b" "in the zoo"
                Expect.isFalse (Seq.contains "sam_vit_b" Zoo.TrainableNames) "no recipe trains it as it is"

            testCase "wrong sizes are refused, all in one error"
            <| fun () ->
                failsSaying
                    [
                        "sam_bad cannot be built"
                        "ImageSize 65"
                        "Width 33"
                        "PromptWidth 36"
                        "block 7"
                    ]
                    (fun () -> (spec "sam_bad" 65 33 36 7).Build() |> ignore)

                use model = build tiny

                failsSaying [ "multiples of 4"; "[1, 3, 64, 30]" ] (fun () ->
                    model.ImageEncoder.call (torch.zeros (1L, 3L, 64L, 30L)) |> ignore)

                let embedding = torch.zeros (1L, 32L, 16L, 16L)

                failsSaying
                    [
                        "Points: expected [P, N, 2], found [1, 2]"
                        "Labels: expected [P, N]"
                        "Boxes: expected [P, 4], found [4]"
                        "Masks: expected [P, 1, 64, 64], found [1, 1, 8, 8]"
                    ]
                    (fun () ->
                        model.Decode(
                            embedding,
                            SamPromptTensors(
                                torch.zeros (1L, 2L),
                                torch.zeros ([| 1L; 3L |], dtype = torch.int64),
                                torch.zeros 4L,
                                torch.zeros (1L, 1L, 8L, 8L)
                            )
                        )
                        |> ignore)

                failsSaying [ "no prompt" ] (fun () -> model.Decode(embedding, SamPromptTensors(null, null)) |> ignore)
        ]
