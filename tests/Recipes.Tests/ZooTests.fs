/// Every network of the zoo: counts of the papers' code, folding, parity.
module Recipes.Tests.ZooTests

open System
open System.IO
open Expecto
open TorchSharp
open Recipes.Layers
open Recipes.Models
open Recipes.Reproductions.Parity
open Recipes.Verbs
open Recipes.Tests.Support

// Running statistics of order one and layer scales that let the mixers count, as the goldens have them.
let private random (model: torch.nn.Module) =
    model.eval ()
    SeededWeights.Fill(model, SeedScales(1.0, 0.5, 1.0, 0.05, 10000.0))

let private entries (model: torch.nn.Module) =
    Recipes.Weights.StateDict.Of(model).Count

let private fold (model: torch.nn.Module) =
    for struct (_, block) in Modules.Reparameterizable model do
        block.Fold()

[<Tests>]
let tests =
    torchTests
        "zoo"
        [
            testCase "every kind of block folds exactly, alone and in a network, at another size"
            <| fun () ->
                let difference (block: torch.nn.Module<torch.Tensor, torch.Tensor>) (shape: int64 array) =
                    use scope = torch.NewDisposeScope()
                    random block
                    let input = SeededWeights.Tensor("input:fold", shape, (fun u _ -> 2.0 * u - 1.0))
                    let before = block.call input
                    fold block
                    let after = block.call input

                    Expect.isEmpty
                        (Modules.Reparameterizable block
                         |> Seq.filter (fun struct (_, b) -> not b.IsFolded))
                        "all"

                    ((before - after).abs().max() / before.abs().max()).item<float32>() |> float

                for name, block, shape in
                    [
                        "RepMixer", new RepMixer(16L) :> torch.nn.Module<_, _>, [| 2L; 16L; 9L; 11L |]
                        "a row", new RepMixer(16L, 11L, 1e-5, true), [| 2L; 16L; 1L; 23L |]
                        "RepCPE", new RepCpe(16L), [| 2L; 16L; 9L; 9L |]
                        "gated", new LargeKernelConv(32L, 64L, 7L, 2L, true, Activation.Gelu), [| 2L; 32L; 13L; 13L |]
                        "linear", new LargeKernelConv(16L, 32L, 7L, 2L, false, Activation.None), [| 2L; 16L; 8L; 8L |]
                        "fastvit_t8", FastVit.T8(10).Build(), [| 1L; 3L; 96L; 160L |]
                        "fastvit_sa12", FastVit.SA12(10).Build(), [| 1L; 3L; 96L; 64L |]
                    ] do
                    use block = block
                    Expect.isLessThan (difference block shape) 1e-5 name

            testCase "the verb folds a copy, whole or in part; the original stays"
            <| fun () ->
                use model = FastVit.T8(10).Build()
                random model
                let whole = model.Reparameterize()
                Expect.isLessThan whole.Evidence.RelativeDifference 1e-4 "outputs"
                Expect.equal (entries whole.Model, entries model) (156, 462) "the copy alone is folded"
                let part = model.Reparameterize(ReparameterizeOptions(Part = "network.0"))
                Expect.equal part.Evidence.BlocksFolded 2 "two mixers"
                whole.Model.Dispose()
                part.Model.Dispose()

            testCase "without its scale a mixer is the identity; GELU behind the large kernel is MobileCLIP's alone"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use mixer = new RepMixer(8L, 3L, 0.0)
                mixer.eval ()
                let input = torch.rand (1L, 8L, 6L, 6L)
                Expect.equal ((mixer.call input - input).abs().max().item<float32>()) 0.0f "λ = 0"

                let output activation =
                    let convolution = new LargeKernelConv(8L, 16L, 7L, 2L, false, activation)
                    random convolution
                    convolution.call input

                let plain, gelu = output Activation.None, output Activation.Gelu

                Expect.equal
                    ((torch.nn.functional.gelu plain - gelu).abs().max().item<float32>())
                    0.0f
                    "GELU of the same"

                Expect.isFalse (Zoo.Network("fastvit_sa12") :?> FastVitSpec).DownsampleGelu "FastViT's code drops it"
                Expect.isTrue (Zoo.Network("mci0") :?> FastVitSpec).DownsampleGelu "MobileCLIP applies it"

            testCase "a forward leaves no tensors behind, training steps neither"
            <| fun () ->
                soundOneDnn ()

                for name in [ "fastvit_sa12"; "mci0" ] do
                    use model = Zoo.Spec(name).Build()
                    use input = torch.rand (2L, 3L, 256L, 256L)

                    for training in [ false; true ] do
                        model.train training
                        let once () = model.call(input).Dispose()
                        once ()
                        let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
                        once ()
                        once ()

                        Expect.equal
                            DisposeScopeManager.Statistics.ThreadTotalLiveCount
                            before
                            $"{name}, training {training}"

            testCase "a forward of towers and decoders leaves no tensors behind"
            <| fun () ->
                for spec in
                    [
                        MobileClip.S0 :> NetworkSpec
                        MobileClip.B
                        MobileClip2.S0
                        Clip.VitB16
                        SiglipSpec(Name = "siglip", Classes = 1152, ImageSize = 112, Layers = 1)
                        FctTransformationSpec(Name = "h")
                        DecoderDoubles.qwen true
                        DecoderDoubles.openLm true true
                    ] do
                    use model = spec.Build()
                    model.eval ()

                    let once () =
                        match model :> obj with
                        | :? ITowers as towers ->
                            for tower in towers.Towers do
                                tower.Run(max 1 spec.Resolution).Dispose()
                        | other ->
                            let network = other :?> torch.nn.Module<torch.Tensor, torch.Tensor>
                            use input = torch.rand (1L, 3L, int64 spec.Resolution, int64 spec.Resolution)
                            network.call(input).Dispose()

                    once ()
                    once ()
                    let before = DisposeScopeManager.Statistics.ThreadTotalLiveCount
                    once ()
                    Expect.equal DisposeScopeManager.Statistics.ThreadTotalLiveCount before spec.Name

            testCase "sizes that a network cannot take are said"
            <| fun () ->
                for spec, shape, said in
                    [
                        Clip.VitB16.Vision :> ModelSpec, [| 1L; 3L; 192L; 192L |], [ "192 x 192"; "position table" ]
                        SiglipSpec(Name = "siglip", Classes = 1152, ImageSize = 112, Layers = 1),
                        [| 1L; 3L; 98L; 112L |],
                        [ "98 x 112"; "position table" ]
                        FastVit.T8(), [| 1L; 3L; 256L |], [ "fastvit_t8"; "[B, 3, H, W]"; "[1, 3, 256]" ]
                        FastVit.T8(), [| 1L; 1L; 256L; 256L |], [ "fastvit_t8"; "[1, 1, 256, 256]" ]
                        MobileOne.S0(), [| 1L; 4L; 64L; 64L |], [ "mobileone_s0"; "[1, 4, 64, 64]" ]
                        ResNet.R18(), [| 1L; 3L; 0L; 64L |], [ "fct_resnet18"; "[1, 3, 0, 64]" ]
                    ] do
                    use network = spec.Build()
                    network.eval ()
                    use input = torch.zeros shape
                    failsSaying said (fun () -> network.call(input).Dispose())

            testCase "a name of several towers is refused where one image network is needed"
            <| fun () ->
                failsSaying [ "mobileclip_s0"; "several inputs or outputs" ] (fun () ->
                    Zoo.Spec "mobileclip_s0" |> ignore)

                failsSaying [ "did you mean fastvit_sa12?" ] (fun () -> Zoo.Network "fastvit_sa1" |> ignore)

                failsSaying [ "siglip_so400m_14_384"; "no classes to choose" ] (fun () ->
                    Zoo.Spec("siglip_so400m_14_384", 10) |> ignore)

                failsSaying [ "mobileclip_s0"; "no classes" ] (fun () -> Zoo.Network("mobileclip_s0", 10) |> ignore)

            testCase "every golden of FastViT, MobileCLIP, MobileCLIP2, FastViTHD, CLIP and SigLIP passes"
            <| fun () ->
                let files =
                    Directory.GetFiles(shared "goldens", "*.json")
                    |> Array.filter (fun f ->
                        [ "fastvit"; "mobileclip"; "clip"; "siglip" ]
                        |> List.exists (Path.GetFileName(f).StartsWith))

                Expect.hasLength files 19 "files"

                for file in files do
                    let report = ParityRun.Compare file
                    Expect.isTrue report.Passed (report.ToString())
        ]
