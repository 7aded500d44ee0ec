/// The networks of Forward Compatible Training.
module Recipes.Tests.FctTests

open Expecto
open TorchSharp
open Recipes.Layers
open Recipes.Models
open Recipes.Reproductions.Parity
open Recipes.Tests.Support

let private count (model: torch.nn.Module) =
    model.parameters () |> Seq.sumBy _.numel()

[<Tests>]
let tests =
    torchTests
        "fct"
        [
            testCase "the golden's networks pass; what is left out is said"
            <| fun () ->
                let report = ParityRun.Compare(shared "goldens/fct_case1.json")
                Expect.isTrue report.Passed (report.ToString())
                Expect.stringContains (report.ToString()) "not compared" "said"

            testCase
                "the transformation has the sheet's parameters; without side-information it takes the old embedding twice"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use network = FctTransformationSpec(Name = "h").Build()
                Expect.equal (count network) 5712000L "parameters"
                network.eval ()
                let old = torch.rand (3L, 128L)
                let one = network.call old
                Expect.equal (List.ofArray one.shape) [ 3L; 128L ] "shape"
                Expect.equal ((one - network.call (old, old)).abs().max().item<float32>()) 0.0f "twice"
                failsSaying [ "[B, 128]"; "[3, 64]" ] (fun () -> network.call (old, torch.rand (3L, 64L)) |> ignore)

            testCase "the last block puts out the embedding, non-negative where it ends in ReLU"
            <| fun () ->
                use scope = torch.NewDisposeScope()

                for spec in [ ResNet.R18 10; ResNet.R50 10 ] do
                    use network = spec.Build() :?> ResNet
                    network.eval ()
                    let images = torch.randn (2L, 3L, 64L, 64L)
                    let embedding = network.Embed images
                    Expect.equal (List.ofArray embedding.shape) [ 2L; 128L ] spec.Name
                    Expect.isGreaterThanOrEqual (embedding.min().item<float32>()) 0.0f spec.Name

                    let difference =
                        (network.Classify embedding - network.call images).abs().max().item<float32>()

                    Expect.isLessThan difference 1e-6f $"{spec.Name}: logits"

                // ResNet-50 with 1000 classes has 25,557,032 parameters; the last block's 2048 channels become 128 (its last
                // convolution and norm, and a shortcut of its own), and the classifier 1000 x 128 without bias.
                use network = ResNet.R50().Build()
                let plain = 25557032L - (2049L * 1000L) - (512L * 2048L + 2L * 2048L)
                let ours = 128L * 1000L + (512L * 128L + 2L * 128L) + (2048L * 128L + 2L * 128L)
                Expect.equal (count network) (plain + ours) "ResNet-50"

            testCase "a 1x1 convolution is the framework's, at every stride"
            <| fun () ->
                use scope = torch.NewDisposeScope()

                for stride in [ 1L; 2L ] do
                    use layer = new PointwiseConv(16L, 24L, true, stride)
                    use peer = torch.nn.Conv2d(16L, 24L, 1L, stride)
                    peer.load_state_dict (layer.state_dict ()) |> ignore
                    let input = torch.randn (2L, 16L, 33L, 35L)
                    let ours, theirs = layer.call input, peer.call input
                    Expect.equal ours.shape theirs.shape "shape"
                    Expect.isLessThan ((ours - theirs).abs().max().item<float32>()) 1e-5f "values"
                    Expect.equal (layer.WeightMacs input) (ours.numel () / 2L * 16L) "MACs"

            testCase "a training step leaves no tensors behind"
            <| fun () ->
                use network = (ResNet.R18 4).Build()
                use images = torch.rand (2L, 3L, 64L, 64L)

                let step () =
                    use scope = torch.NewDisposeScope()
                    network.zero_grad ()
                    network.call(images).square().mean().backward()

                step ()
                step ()
                let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
                step ()
                Expect.equal DisposeScopeManager.Statistics.ThreadTotalLiveCount before "live tensors"
        ]
