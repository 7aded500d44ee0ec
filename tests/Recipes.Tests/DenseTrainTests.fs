/// Objectives and measures of dense prediction.
module Recipes.Tests.DenseTrainTests

open System
open Expecto
open Recipes.Data
open Recipes.Training
open TorchSharp
open Recipes.Tests.Support

let private number (t: torch.Tensor) = t.``to``(torch.float64).item<float>()

let private near tolerance (a: float) (b: float) what =
    Expect.isLessThan (abs (a - b)) tolerance $"{what}: {a} and {b}"

/// A network that says the same of every picture.
let private says (output: torch.Tensor) =
    { new torch.nn.Module<torch.Tensor, torch.Tensor>("says") with
        override _.forward x =
            output.expand(x.shape[0], -1L, -1L, -1L).clone()
    }

let private source (inputs: torch.Tensor) (targets: torch.Tensor) classes =
    TensorSource("maps", inputs, targets, classes, 2)

let private losses =
    [
        testCase "a pixel without a label counts for nothing"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let logits = torch.randn(2L, 3L, 4L, 4L).requires_grad_()
            let labels = torch.randint(3L, [| 2L; 4L; 4L |]).``to`` torch.uint8
            let some = labels.clone ()
            some.select(1, 0L).fill_(DenseSample.Ignore) |> ignore
            let loss = SemanticSegmentation.CrossEntropy(logits, some, 3)

            let expected =
                torch.nn.functional.cross_entropy (
                    logits.narrow (2, 1L, 3L),
                    labels.narrow(1, 1L, 3L).``to`` torch.int64
                )

            near 1e-6 (number loss) (number expected) "the mean over the others"
            loss.backward ()
            Expect.equal (logits.grad.select(2, 0L).abs().sum().item<float32>()) 0f "no gradient"
            let none = torch.full_like (labels, DenseSample.Ignore)
            Expect.equal (number (SemanticSegmentation.CrossEntropy(logits, none, 3))) 0.0 "nothing labelled"

            failsSaying [ "[B, 3, H, W]"; "classes" ] (fun () ->
                SemanticSegmentation.CrossEntropy(logits.narrow (1, 0L, 2L), labels, 3)
                |> ignore)

        testCase "the losses of depth are the formulas, over measured pixels alone"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let guess = torch.rand (2L, 1L, 3L, 3L) + 0.5
            let truth = torch.rand (2L, 3L, 3L) + 0.5
            truth[0, 0] <- torch.tensor 0f

            let pairs =
                [
                    for b in 0..1 ->
                        [
                            for y in 0..2 do
                                for x in 0..2 do
                                    let t = truth[b, y, x].item<float32>()

                                    if t > 0f then
                                        float (guess[b, 0, y, x].item<float32>()), float t
                        ]
                ]

            let invariant (picture: (float * float) list) =
                let e = picture |> List.map (fun (g, t) -> log g - log t)
                List.averageBy (fun x -> x * x) e - 0.5 * List.average e ** 2.0

            let all = List.concat pairs

            let of' by =
                number (DepthRegression.Of(guess, truth, by))

            near 1e-5 (of' DepthLoss.ScaleInvariant) (pairs |> List.averageBy invariant) "scale-invariant"
            near 1e-5 (of' DepthLoss.LogL1) (all |> List.averageBy (fun (g, t) -> abs (log g - log t))) "logarithms"
            near 1e-5 (of' DepthLoss.L1) (all |> List.averageBy (fun (g, t) -> abs (g - t))) "metres"

            Expect.equal
                (number (DepthRegression.Of(guess, torch.zeros_like truth, DepthLoss.L1)))
                0.0
                "nothing measured"

        testCase "measures of segmentation are counts of pixels"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            // All is said to be class 0 in the left half and class 1 in the right one.
            let output = torch.zeros (1L, 4L, 2L, 4L)
            output[0, 0].narrow(1, 0L, 2L).fill_ 5f |> ignore
            output[0, 1].narrow(1, 2L, 2L).fill_ 5f |> ignore

            let labels =
                torch.tensor([| 0uy; 0uy; 1uy; 1uy; 0uy; 2uy; 1uy; 255uy |]).reshape(1L, 2L, 4L)

            use net = says output
            net.register_parameter ("p", torch.nn.Parameter(torch.zeros 1L))

            let found =
                SemanticSegmentation.Objective.Evaluate(
                    net,
                    source (torch.zeros (1L, 3L, 2L, 4L)) labels 4,
                    EvaluationOptions(),
                    Threading.CancellationToken.None
                )
            // Class 0: 3 of 4, class 1: 3 of 3, class 2: 0 of 1, class 3 does not occur.
            near 1e-9 found.Numbers["miou"] ((0.75 + 1.0 + 0.0) / 3.0) "mIoU"
            near 1e-9 found.Numbers["pixelAccuracy"] (6.0 / 7.0) "pixels"
            near 1e-9 found.Top1 (6.0 / 7.0) "as top-1"

        testCase "measures of depth are those of the measured pixels"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use net = says (torch.full (1L, 1L, 1L, 4L, 2f))
            net.register_parameter ("p", torch.nn.Parameter(torch.zeros 1L))
            let truth = torch.tensor([| 2f; 1f; 4f; 0f |]).reshape(1L, 1L, 4L)

            let found =
                DepthRegression()
                    .Evaluate(
                        net,
                        source (torch.zeros (1L, 3L, 1L, 4L)) truth 0,
                        EvaluationOptions(),
                        Threading.CancellationToken.None
                    )

            near 1e-6 found.Numbers["rmse"] (sqrt (5.0 / 3.0)) "rmse"
            near 1e-6 found.Numbers["absRel"] (1.5 / 3.0) "absRel"
            near 1e-6 found.Numbers["delta1"] (1.0 / 3.0) "delta1"
            Expect.isTrue (Double.IsNaN found.Top1) "no accuracy"
            Expect.stringContains (found.ToString()) "rmse" "shown"
            Expect.isFalse (found.ToString().Contains "Top-1") "not shown"

        testCase "the box loss is least for the boxes themselves, and they are decoded as they were"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let boxes = torch.full (1L, 3L, 5L, -1f)
            boxes[0, 0] <- torch.tensor [| 1f; 8f; 4f; 24f; 20f |]
            boxes[0, 1] <- torch.tensor [| 0f; 40f; 33f; 60f; 63f |]
            let perfect = torch.full (1L, 6L, 16L, 16L, -12f)

            for k in 0L .. 1L do
                let b = boxes[0L, k].data<float32>().ToArray()
                let x, y = floor ((b[1] + b[3]) / 8f), floor ((b[2] + b[4]) / 8f)
                perfect[0L, int64 b[0], int64 y, int64 x] <- torch.tensor 12f

                let sides =
                    [|
                        x + 0.5f - b[1] / 4f
                        y + 0.5f - b[2] / 4f
                        b[3] / 4f - x - 0.5f
                        b[4] / 4f - y - 0.5f
                    |]

                for s in 0..3 do
                    perfect[0L, 2L + int64 s, int64 y, int64 x] <- torch.tensor (log sides[s])

            let loss = number (BoxDetection.Of(perfect, boxes, 64.0))
            Expect.isLessThan loss 0.01 "nearly none"
            let worse = number (BoxDetection.Of(perfect * 0.5, boxes, 64.0))
            Expect.isGreaterThan worse (10.0 * loss) "others are worse"
            let found = DetectedBox.Decode(perfect, 4.0)[0] |> List.ofSeq
            let truths = BoxDetection.Truths(boxes)[0] |> List.ofSeq
            Expect.hasLength found 2 "two"

            for truth in truths do
                Expect.isTrue
                    (found
                     |> List.exists (fun f -> f.Label = truth.Label && f.Guess.Box.Iou(truth.Guess.Box) > 0.99))
                    $"{truth}"

            use net = says perfect
            net.register_parameter ("p", torch.nn.Parameter(torch.zeros 1L))

            let measured =
                BoxDetection.Objective.Evaluate(
                    net,
                    source (torch.zeros (1L, 3L, 64L, 64L)) boxes 2,
                    EvaluationOptions(),
                    Threading.CancellationToken.None
                )

            near 1e-9 measured.Numbers["ap50"] 1.0 "all found"
    ]

[<Tests>]
let tests = torchTests "dense losses" losses
