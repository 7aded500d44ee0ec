/// FastViT's variants: token mixers, branches, kernels, the small network, the taps for dense prediction.
module Recipes.Tests.FastVitTests

open System.Text.Json
open Expecto
open Recipes
open Recipes.Layers
open Recipes.Models
open Recipes.Reproductions
open Recipes.Reproductions.Parity
open Recipes.Verbs
open Recipes.Tests.Support
open TorchSharp

let private mini = FastVit.Mini(10, 8)

let private mixers =
    [
        TokenMixer.RepMixer
        TokenMixer.Pooling
        TokenMixer.Convolution
        TokenMixer.Attention
        TokenMixer.Identity
    ]

/// One change each, and all at once.
let private variants =
    List.map mini.WithMixer mixers
    @ [
        mini.Plain()
        mini.WithKernels(3, 3)
        mini.WithKernels(1, 3)
        mini.WithAttention 1
        mini.WithoutExpansion()
        mini.WithMixer(TokenMixer.Convolution).WithKernels(3, 3).WithAttention(2).Plain()
    ]

let private random (spec: ModelSpec) =
    let model = spec.Build 3L
    SeededWeights.Fill(model, SeedScales(1.75, 0.5, 1.0, 0.05, 10000.0))
    model.eval ()
    model

let private largest (a: torch.Tensor) (b: torch.Tensor) = (a - b).abs().max().item<float32>()

[<Tests>]
let tests =
    torchTests
        "fastvit"
        [
            testCase "specs go through JSON, and each choice is one property of it"
            <| fun () ->
                let plain = JsonSerializer.SerializeToNode<ModelSpec>(mini, CanonicalJson.Options)

                for spec in variants do
                    let text = CanonicalJson.Text<ModelSpec> spec

                    let again = JsonSerializer.Deserialize<ModelSpec>(text, CanonicalJson.Options)

                    Expect.equal (CanonicalJson.Text<ModelSpec> again) text "round trip"

                let pooling =
                    JsonSerializer.SerializeToNode<ModelSpec>(mini.WithMixer TokenMixer.Pooling, CanonicalJson.Options)

                Expect.equal (string pooling["mixer"]) "pooling" "the mixer's word"
                pooling["mixer"] <- plain["mixer"].DeepClone()
                Expect.equal (pooling.ToJsonString()) (plain.ToJsonString()) "nothing else differs"

            testCase "every variant folds exactly, with random statistics and layer scales of order one"
            <| fun () ->
                for spec in variants do
                    use model = random spec
                    let folded = model.Reparameterize()
                    Expect.isLessThan folded.Evidence.RelativeDifference 1e-5 (CanonicalJson.Text<ModelSpec> spec)
                    folded.Model.Dispose()

            testCase "one branch, trained or not, folds into the structure of many"
            <| fun () ->
                use many = mini.Build()
                use one = mini.Plain().Build()

                Expect.isLessThan
                    (Profile.Of(one, 3L, 32L, 32L)).Macs
                    (Profile.Of(many, 3L, 32L, 32L)).Macs
                    "train-time"

                let structure (m: torch.nn.Module<torch.Tensor, torch.Tensor>) =
                    m.eval ()
                    let folded = m.Reparameterize().Model

                    [
                        for struct (name, value) in folded.named_parameters () -> name, value.shape |> Array.toList
                    ]

                Expect.equal (structure one) (structure many) "folded"

            testCase "a mixer with layer scale 0 is the identity, and with another it is not"
            <| fun () ->
                use x = torch.randn (2L, 8L, 12L, 12L)

                let make scale : torch.nn.Module<torch.Tensor, torch.Tensor> list =
                    [
                        new RepMixer(8L, 3L, scale)
                        new RepMixer(8L, 3L, scale, false, false)
                        new ConvolutionMixer(8L, 3L, scale)
                        new ResidualMixer(8L, new PoolingDifference(), scale)
                        new ResidualMixer(8L, new SpatialAttention(8L, 8L), scale)
                    ]

                for still, moving in List.zip (make 0.0) (make 0.5) do
                    still.eval ()
                    moving.eval ()
                    use same = still.call x
                    use other = moving.call x
                    Expect.equal (largest same x) 0f "λ = 0"
                    Expect.isGreaterThan (largest other x) 1e-5f "λ = 0.5"

            testCase "pooling is the mean of the neighbours within the picture, minus the position"
            <| fun () ->
                use x = torch.arange(9.0f).reshape(1L, 1L, 3L, 3L)
                use pooling = new PoolingDifference()
                use y = pooling.call x
                // Corner: mean of 0, 1, 3, 4 is 2; edge: mean of 0 .. 5 is 2.5; centre: mean of all is 4.
                let expected = [| 2f; 1.5f; 1f; 0.5f; 0f; -0.5f; -1f; -1.5f; -2f |]
                use wanted = torch.tensor(expected).reshape(1L, 1L, 3L, 3L)
                Expect.isLessThan (largest y wanted) 1e-6f "by hand"

            testCase "the official taps miss the last attention stage, the corrected ones do not"
            <| fun () ->
                let shapes (spec: FastVitSpec) side taps =
                    use network = new FastVit(spec)
                    network.eval ()
                    use scope = torch.NewDisposeScope()

                    [
                        for map in network.Stages(torch.rand (1L, 3L, side, side), taps) -> Array.toList map.shape
                    ]

                let ladder =
                    [
                        [ 1L; 8L; 32L; 32L ]
                        [ 1L; 16L; 16L; 16L ]
                        [ 1L; 32L; 8L; 8L ]
                        [ 1L; 64L; 4L; 4L ]
                    ]

                for spec in [ mini; mini.WithAttention 1 ] do
                    for taps in [ StageTaps.Official; StageTaps.Stages ] do
                        Expect.equal (shapes spec 64L taps) ladder $"{taps}"

                use network = new FastVit(mini.WithAttention 1)
                network.eval ()
                use scope = torch.NewDisposeScope()
                let x = torch.rand (1L, 3L, 64L, 64L)
                let maps taps = network.Stages(x, taps)
                let official, stages = maps StageTaps.Official, maps StageTaps.Stages

                for i in 0..2 do
                    Expect.equal (largest official[i] stages[i]) 0f $"stage {i + 1} is the same"

                Expect.isGreaterThan (largest official[3] stages[3]) 0f "the last is not"

                let attention =
                    network.Part<torch.nn.Module<torch.Tensor, torch.Tensor>> "network.7"

                Expect.equal (largest (attention.call official[3]) stages[3]) 0f "attention leads from one to the other"

                let four =
                    (Zoo.Spec "fastvit_t8" :?> FastVitSpec)
                    |> fun spec -> shapes spec 64L StageTaps.Official

                Expect.equal
                    four
                    [
                        [ 1L; 48L; 16L; 16L ]
                        [ 1L; 96L; 8L; 8L ]
                        [ 1L; 192L; 4L; 4L ]
                        [ 1L; 384L; 2L; 2L ]
                    ]
                    "T8"

            testCase "a folded network has the same maps, and taps leave no tensors behind"
            <| fun () ->
                use model = random (mini.WithAttention 1) :?> FastVit
                let folded = model.Reparameterize().Model
                use x = torch.rand (1L, 3L, 64L, 64L)

                use scope = torch.NewDisposeScope()

                for a, b in Seq.zip (model.Stages x) (folded.Stages x) do
                    Expect.isLessThan (largest a b / a.abs().max().item<float32>()) 1e-5f "folded"

                flat "stages" (fun () ->
                    for map in model.Stages x do
                        map.Dispose())

            testCase "training leaves no tensors behind, whatever the mixer"
            <| fun () ->
                for spec in variants do
                    use model = spec.Build()

                    flat "step" (fun () ->
                        use scope = torch.NewDisposeScope()
                        model.call(torch.rand (2L, 3L, 32L, 32L)).sum().backward()
                        model.zero_grad ())

            testCase "a plain ViT is as near in arithmetic as asked, and its formula is the profile's"
            <| fun () ->
                for width in [ 8; 16; 24; 32 ] do
                    let spec = FastVit.Mini(10, width)
                    let vit = PlainVit.Near spec
                    use network = spec.Build()
                    use peer = vit.Build()
                    let macs = (Profile.Of(peer, 3L, 32L, 32L)).Macs
                    Expect.equal macs vit.Macs "the formula"
                    let ratio = float macs / float (Profile.Of(network, 3L, 32L, 32L)).Macs
                    Expect.isLessThan (abs (ratio - 1.0)) 0.05 $"width {width}: {ratio}"

                failsSaying [ "multiple of its patches"; "30" ] (fun () ->
                    PlainVit.Near(1000000L, size = 30, patch = 4) |> ignore)

            testCase "latencies of mixers name what was not timed"
            <| fun () ->
                let rows =
                    MixerTable.Networks(mini, [| TokenMixer.RepMixer; TokenMixer.Attention |], [| 32; 64 |], 1, 32)

                Expect.equal
                    [ for row in rows -> row.Name, row.Resolution ]
                    [ "RepMixer", 32; "attention", 32; "RepMixer", 64 ]
                    "attention at 32 only"

                Expect.isTrue (System.Double.IsFinite(rows.Percent("RepMixer", "attention", 32))) "a number"

                Expect.throwsT<NotAttemptedException>
                    (fun () -> rows.Percent("RepMixer", "attention", 64) |> ignore)
                    "not timed"

                let alone = MixerTable.Alone(8, [| 64 |], 2)
                Expect.sequenceEqual [ for row in alone -> row.Name ] MixerTable.Forms "forms"
        ]
