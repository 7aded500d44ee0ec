/// Masked autoencoding: what is hidden, what the loss is of, what goes on.
module Recipes.Tests.MaeTests

open Expecto
open Recipes
open Recipes.Data
open Recipes.Models
open TorchSharp
open Recipes.Tests.DenseDoubles
open Recipes.Tests.Support

let private patches (net: Mae) (x: torch.Tensor) (random: Rng) = net.forward (x, net.Noise(x, random))

let private mae =
    [
        testCase "three quarters are hidden, the same by the same seed, others by another"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use net = MaeSpec.Mini(vit).Build 0L
            let x = torch.rand (5L, 3L, 32L, 32L)

            let hidden seed =
                (patches net x (Rng.Stream(seed, "mask"))).Hidden

            Expect.equal
                (hidden(1L).sum [| 1L |] |> fun t -> t.data<float32>().ToArray())
                (Array.replicate 5 12f)
                "12 of 16 in each"

            Expect.equal ((hidden 1L - hidden 1L).abs().sum().item<float32>()) 0f "same seed"
            Expect.isGreaterThan ((hidden 1L - hidden 2L).abs().sum().item<float32>()) 0f "other seed"
            let rows = hidden 1L
            Expect.isGreaterThan ((rows[0] - rows[1]).abs().sum().item<float32>()) 0f "each picture its own"

        testCase "the loss is of hidden patches alone, in their normalised pixels"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use _ = torch.no_grad ()
            use net = MaeSpec.Mini(vit).Build 0L
            let x = torch.rand (3L, 3L, 32L, 32L)
            let output = patches net x (Rng.Stream(3L, "mask"))
            let target = net.Patches x
            let mean = target.mean ([| -1L |], true)
            let deviation = (target.var (-1L, true, true) + 1e-6).sqrt()

            let errors =
                (output.Predicted - (target - mean) / deviation).square().mean [| -1L |]

            let expected = (errors * output.Hidden).sum() / output.Hidden.sum ()
            Expect.isLessThan ((output.Loss - expected).abs().item<float32>()) 1e-5f "by hand"

            // The picture without one of its patches.
            let without (patch: int64) =
                let changed = x.clone ()
                let row, column = patch / 4L, patch % 4L

                changed[0].narrow(1, 8L * row, 8L).narrow(2, 8L * column, 8L).zero_() |> ignore

                patches net changed (Rng.Stream(3L, "mask"))

            let first (value: float32) =
                output.Hidden[0].data<float32>().ToArray()
                |> Array.findIndex ((=) value)
                |> int64

            let apart (other: MaeOutput) =
                (other.Predicted - output.Predicted).abs().max().item<float32>()

            Expect.isGreaterThan (apart (without (first 0f))) 0f "the encoder sees visible patches"
            Expect.equal (apart (without (first 1f))) 0f "and no hidden one"

        testCase "patches are the pixels at their places"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use net = MaeSpec.Mini(vit).Build 0L

            let x = torch.arange(3072.0f).reshape(1L, 3L, 32L, 32L)

            let p = net.Patches x
            Expect.equal p.shape [| 1L; 16L; 192L |] "shape"
            // Patch 6 is row 1, column 2; its pixel (3, 5), green.
            Expect.equal (p[0, 6, 3 * (8 * 3 + 5) + 1].item<float32>()) (x[0, 1, 8 + 3, 16 + 5].item<float32>()) "pixel"

        testCase "gradients reach all but the encoder's classifier, and the encoder is the one that goes on"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use net = MaeSpec.Mini(vit).Build 0L
            net.Loss(torch.rand (4L, 3L, 32L, 32L), Rng.Stream(0L, "mask")).backward()

            for struct (name, p) in net.named_parameters () do
                let trained = not (name.StartsWith "encoder.head")
                Expect.equal (not (isNull p.grad)) trained name

            let dense = DenseNetwork.Over(net.Encoder, LinearDenseSpec(), DenseTask.Depth)
            Expect.isTrue (obj.ReferenceEquals(dense.Backbone, net.Encoder)) "the very module"

        testCase "values out of range are said together"
        <| fun () ->
            failsSaying [ "maskRatio"; "decoderWidth"; "decoderLayers" ] (fun () ->
                MaeSpec(Name = "mae", Encoder = vit, MaskRatio = 1.5, DecoderWidth = 30, DecoderLayers = 0).Build()
                |> ignore)
    ]

[<Tests>]
let tests = torchTests "masked autoencoding" mae
