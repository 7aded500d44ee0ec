module Recipes.Tests.TrainMixTests

open Expecto
open TorchSharp
open Recipes
open Recipes.Training
open Recipes.Tests.Support

let private numbers (t: torch.Tensor) =
    t.detach().``to``(torch.float64).contiguous().data<float>().ToArray()

let private mixing =
    [
        testCase "label smoothing is (1 - e)·onehot + e/C"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let target = LabelSmoothing.Smooth(torch.tensor [| 1L |], 4, 0.1)
            let expected = [| 0.025; 0.925; 0.025; 0.025 |]

            for e, a in Array.zip expected (numbers target) do
                Expect.floatClose Accuracy.medium a e "the paper's target"

        testCase "cross-entropy of soft targets equals that of classes"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let logits, labels = torch.randn (5L, 4L), torch.tensor [| 0L; 1L; 2L; 3L; 0L |]
            let hard = Classification.CrossEntropy(logits, labels)

            let soft =
                Classification.CrossEntropy(logits, LabelSmoothing.Smooth(labels, 4, 0.0))

            Expect.floatClose Accuracy.medium (hard.item<float32>() |> float) (soft.item<float32>() |> float) "loss"

            let smooth =
                Classification.CrossEntropy(logits, LabelSmoothing.Smooth(labels, 4, 0.1))

            let torchs =
                torch.nn.functional.cross_entropy (logits, labels, label_smoothing = 0.1)

            Expect.floatClose
                Accuracy.medium
                (smooth.item<float32>() |> float)
                (torchs.item<float32>() |> float)
                "smoothed"

        testCase "mixup blends images and targets by lambda"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let x, y = torch.tensor (array2D [ [ 1f ]; [ 3f ] ]), torch.eye 2L
            let struct (mixed, targets) = Mixing.Mixup(x, y, torch.tensor [| 1L; 0L |], 0.75)
            Expect.equal (numbers mixed) [| 1.5; 2.5 |] "inputs"
            Expect.equal (numbers targets) [| 0.75; 0.25; 0.25; 0.75 |] "targets"

        testCase "cutmix swaps exactly the box, and targets follow its area"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let x = torch.stack [| torch.zeros (1L, 4L, 5L); torch.ones (1L, 4L, 5L) |]
            let box = PixelBox(1, 2, 3, 5)

            let struct (mixed, targets) =
                Mixing.CutMix(x, torch.eye 2L, torch.tensor [| 1L; 0L |], box)

            Expect.equal box.Area 6 "area"
            Expect.equal (mixed.select(0L, 0L).sum().item<float32>()) 6f "ones in the first image"
            Expect.equal (mixed.select(0L, 1L).sum().item<float32>()) 14f "ones in the second"

            Expect.equal
                (numbers (mixed.select(0L, 0L).select(0L, 0L).select(0L, 1L)))
                [| 0.0; 0.0; 1.0; 1.0; 1.0 |]
                "the row inside"

            Expect.floatClose Accuracy.medium (Array.item 1 (numbers targets)) (6.0 / 20.0) "share of the partner"
            Expect.equal (x.sum().item<float32>()) 20f "the argument is unchanged"

        testCase "boxes keep inside and average to 1 - lambda; Beta has its mean and variance"
        <| fun () ->
            let mutable rng = Rng.Stream(1L, "mix")

            for _ in 1..200 do
                let lambda = rng.NextDouble()
                let box = Mixing.Box(32, 24, lambda, &rng)
                Expect.isTrue (box.Top >= 0 && box.Left >= 0 && box.Bottom <= 32 && box.Right <= 24) "inside"

                Expect.isLessThanOrEqual
                    (float box.Area)
                    ((1.0 - lambda) * 768.0 + 1e-9)
                    "at most 1 - lambda of the area"

            for alpha in [ 0.2; 1.0; 3.0 ] do
                let values = [ for _ in 1..4000 -> Mixing.Beta(alpha, &rng) ]
                let mean = List.average values
                let variance = values |> List.averageBy (fun v -> (v - mean) ** 2.0)
                Expect.isLessThan (abs (mean - 0.5)) 0.03 $"mean of Beta({alpha})"
                Expect.isLessThan (abs (variance - 0.25 / (2.0 * alpha + 1.0))) 0.01 $"variance of Beta({alpha})"
    ]

[<Tests>]
let tests = torchTests "train" [ testList "mixing" mixing ]
