/// Losses of masks, and temperatures of classes and instances.
module Recipes.Tests.MaskLossTests

open Expecto
open Recipes.Training
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles
open TorchSharp

let private masks =
    [
        testCase "a mask that is right costs nothing, its complement much; only the best of three gets gradients"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let target = torch.zeros (2L, 4L, 4L)
            target[0L].narrow(0L, 0L, 2L).fill_(1.0.ToScalar()) |> ignore
            target[1L].narrow(0L, 2L, 1L).fill_(1.0.ToScalar()) |> ignore

            let right =
                (target * (2.0.ToScalar()) - (1.0.ToScalar())).unsqueeze(1L) * (30.0.ToScalar())

            let three = torch.cat([| -right; right; -right |], 1L).detach().requires_grad_ true

            let ious =
                torch.tensor([| 0.0f; 1.0f; 0.5f; 0.25f; 1.0f; 0.5f |]).view(2L, 3L).requires_grad_ true

            let terms = MaskObjective().Of(MaskPrediction(three, ious), target)
            Expect.floatClose Accuracy.high (terms.Total.item<float32>() |> float) 0.0 "right"
            Expect.equal (numbers (MaskLoss.Overlap(three, target))) [| 0.0; 1.0; 0.0; 0.0; 1.0; 0.0 |] "IoU"
            (MaskObjective(Dice = 2.0).Of(MaskPrediction(three * (0.05.ToScalar()), ious), target)).Total.backward()
            let moved = three.grad.abs().sum [| 2L; 3L |]

            Expect.equal
                (numbers (moved.gt (0.0.ToScalar()) |> _.``to``(torch.float64)))
                [| 0.0; 1.0; 0.0; 0.0; 1.0; 0.0 |]
                "the best"

        testCase "the focal loss of γ = 0 and no α is the cross-entropy; of soft targets it is least where they are met"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            let z =
                torch.tensor(Array.init 12 (fun i -> 4.0 * u "law:mask" i - 2.0)).view(1L, 1L, 3L, 4L)

            let q = z.sigmoid().squeeze 1L

            let entropy =
                torch.nn.functional.binary_cross_entropy_with_logits(z.squeeze 1L, q).item<float>()

            Expect.floatClose Accuracy.high (MaskLoss.Focal(z, q, -1.0, 0.0).item<float>()) entropy "cross-entropy"
            Expect.equal (MaskLoss.Focal(z, q).item<float>()) 0.0 "the teacher's own mask"
            failsSaying [ "expected at least one step" ] (fun () -> MaskObjective().Of([||], q) |> ignore)
    ]

let private temperatures =
    [
        testCase "an instance that a batch does not have keeps its temperature and its momentum, bit by bit"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            let options =
                DataParametersOptions(Classes = null, Instances = TemperatureOptions(0.5))

            use learned = new DataParameters(3, 5, options)
            let logits = torch.tensor([| 2.0f; 0.0f; -1.0f; 2.0f; 0.0f; -1.0f |]).view(2L, 3L)

            let step (instances: int64[]) =
                learned.Loss(logits, torch.tensor [| 0L; 2L |], torch.tensor instances).backward()
                learned.Step()
                numbers learned.Instances.Logarithms, numbers learned.Instances.Momentum

            let first, momentum = step [| 1L; 3L |]
            Expect.isLessThan first[1] 0.0 "what fits its label gets cooler"
            Expect.isGreaterThan first[3] 0.0 "what does not gets hotter, and so counts less"
            Expect.equal (first[0], first[2], first[4]) (0.0, 0.0, 0.0) "the others"
            let second, later = step [| 0L; 4L |]

            Expect.equal
                (second[1], second[3], later[1], later[3])
                (first[1], first[3], momentum[1], momentum[3])
                "unseen"

            for _ in 1..100 do
                step [| 1L; 3L |] |> ignore

            let last = numbers learned.Instances.Logarithms
            Expect.floatClose Accuracy.medium last[3] (log 20.0) "held at the limit"

        testCase "options out of range are said all at once"
        <| fun () ->
            failsSaying [ "found none"; "momentum"; "limits" ] (fun () ->
                new DataParameters(
                    2,
                    2,
                    DataParametersOptions(Classes = null, Instances = null, Momentum = 1.0, Limits = struct (2.0, 1.0))
                )
                |> ignore)
    ]

[<Tests>]
let tests = torchTests "mask losses and data parameters" (masks @ temperatures)
