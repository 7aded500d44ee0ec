/// Encoders as backbones, heads for dense prediction, and both as one network.
module Recipes.Tests.DenseNetworkTests

open Expecto
open Recipes
open Recipes.Data
open Recipes.Layers
open Recipes.Models
open TorchSharp
open Recipes.Tests.DenseDoubles
open Recipes.Tests.Support

let private maps taps (backbone: Net) size =
    (encoder backbone).Maps(torch.rand (2L, 3L, size, size), taps)
    |> Seq.map _.shape
    |> List.ofSeq

let private described (backbone: Net) taps =
    (encoder backbone).FeatureMaps taps
    |> Seq.map (fun m -> int64 m.Channels, int64 m.Stride)
    |> List.ofSeq

let private taps =
    [
        testCase "a ViT gives one map, or four of its quarters; stages give a map each; the description says which"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            for spec in [ vit :> ModelSpec; mci ] do
                use backbone = spec.Build()

                for tap in [ DenseTaps.Final; DenseTaps.Quarters ] do
                    let expected =
                        described backbone tap
                        |> List.map (fun (c, s) -> [| 2L; c; (64L + s - 1L) / s; (64L + s - 1L) / s |])

                    Expect.equal (maps tap backbone 64L) expected $"{spec.Name} {tap}"

            Expect.equal (described (vit.Build()) DenseTaps.Final) [ 32L, 8L ] "one map"
            Expect.equal (described (vit.Build()) DenseTaps.Quarters) (List.replicate 4 (32L, 8L)) "quarters"
            Expect.equal (described (mci.Build()) DenseTaps.Final) [ 8L, 2L; 16L, 4L; 32L, 8L; 64L, 16L ] "stages"
            Expect.equal (described (Mci.Mci2().Build()) DenseTaps.Final |> List.map snd) [ 4L; 8L; 16L; 32L ] "MCi2"

        testCase "the final map holds the tokens that the classifier averages, each at its place"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use _ = torch.no_grad ()
            use backbone = vit.Build() :?> PlainVit
            let x = torch.rand (2L, 3L, 32L, 32L)
            let map = backbone.Maps(x)[0]
            let logits = backbone.Part<Modules.Linear>("head").call(map.mean [| 2L; 3L |])
            Expect.isLessThan ((logits - backbone.call x).abs().max().item<float32>()) 1e-5f "the mean of the map"
            // Row after row: the token of row 1, column 2 is number 6.
            let token = backbone.Encode(x)[0L, 6L]
            let place = map[0L].select(2, 2L).select(1, 1L)
            Expect.equal ((place - token).abs().max().item<float32>()) 0f "place"

        testCase "positions are interpolated for another resolution, in both directions, and learn through it"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use backbone = vit.Build() :?> PlainVit
            let map = backbone.Maps(torch.rand (1L, 3L, 48L, 64L))[0]
            Expect.equal map.shape [| 1L; 32L; 6L; 8L |] "a wide picture"
            map.square().mean().backward()
            Expect.isGreaterThan ((backbone.get_parameter "pos_embed").grad.abs().sum().item<float32>()) 0f "gradients"

            failsSaying [ "vit_small"; "multiples of 8"; "36 x 32" ] (fun () ->
                backbone.Maps(torch.rand (1L, 3L, 36L, 32L)) |> ignore)

        testCase "MobileCLIP-B's tower gives its patches without the class token, at any resolution"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use _ = torch.no_grad ()
            use clip = MobileClip.B.Image.Build()
            Expect.equal (maps DenseTaps.Final clip 64L) [ [| 2L; 768L; 4L; 4L |] ] "stride 16"
            Expect.equal (maps DenseTaps.Quarters clip 64L |> List.length) 4 "quarters"

        testCase "a parameter's layer rises from the stem to the end"
        <| fun () ->
            for spec in [ vit :> ModelSpec; mci ] do
                use backbone = spec.Build()
                let encoder = encoder backbone

                let layers =
                    backbone.named_parameters ()
                    |> Seq.map (fun struct (n, _) -> encoder.LayerOf n)
                    |> Seq.distinct

                Expect.equal (Seq.sort layers |> List.ofSeq) [ 0 .. encoder.LayerCount ] spec.Name

            let encoder = vit.Build() :?> PlainVit
            Expect.equal (encoder.LayerOf "blocks.2.pre_norm_mha.0.weight") 3 "a block"
            Expect.equal (encoder.LayerOf "pos_embed", encoder.LayerOf "norm.weight") (0, 4) "ends"
    ]

let private heads' =
    [
        testCase "the simple pyramid has a quarter, half, one and two times the stride"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use pyramid = new SimplePyramid(FeatureMap(64, 16))
            Expect.equal [ for m in pyramid.Maps -> m.Channels, m.Stride ] [ 16, 4; 32, 8; 64, 16; 64, 32 ] "said"

            let given =
                pyramid.call (torch.rand (2L, 64L, 4L, 6L)) |> Seq.map _.shape |> List.ofSeq

            Expect.equal
                given
                [
                    [| 2L; 16L; 16L; 24L |]
                    [| 2L; 32L; 8L; 12L |]
                    [| 2L; 64L; 4L; 6L |]
                    [| 2L; 64L; 2L; 3L |]
                ]
                "given"

            failsSaying [ "multiples of 4"; "14" ] (fun () -> new SimplePyramid(FeatureMap(64, 14)) |> ignore)

        for spec in networks do
            testCase $"{spec.Name}: shapes, gradients into every part, and a copy that computes the same"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use net = spec.Build(1L) :?> DenseNetwork
                let y = net.call (torch.rand (2L, 3L, 64L, 64L))

                let expected =
                    match spec.Task with
                    | DenseTask.Depth -> [| 2L; 1L; 64L; 64L |]
                    | DenseTask.Boxes -> [| 2L; 16L; 16L; 16L |]
                    | _ -> [| 2L; 12L; 64L; 64L |]

                Expect.equal y.shape expected "output"

                if spec.Task = DenseTask.Depth then
                    Expect.isGreaterThan (y.min().item<float32>()) 0f "depths are above 0"
                    Expect.isLessThan (y.max().item<float32>()) 10f "and below the largest"

                (y - torch.rand_like y).square().mean().backward()

                let blind =
                    [
                        for struct (name, p) in net.named_parameters () do
                            // The classifier of the encoder is not asked.
                            let unused = [ "backbone.head"; "backbone.conv_exp" ]
                            let asked = unused |> List.forall (fun u -> not (name.StartsWith u))

                            if asked && (isNull p.grad || p.grad.abs().sum().item<float32>() = 0f) then
                                name
                    ]

                // Biases before a batch normalisation, and those of keys in attention, cannot matter.
                Expect.isEmpty
                    (blind
                     |> List.filter (fun n -> n.EndsWith "weight" && not (n.Contains "reassemble.3")))
                    "weights"

                net.eval ()
                use copy = Modules.Copy net
                use _ = torch.no_grad ()
                let x = torch.rand (1L, 3L, 32L, 32L)
                Expect.equal ((net.call x - copy.call x).abs().max().item<float32>()) 0f "copy"

        testCase "a head takes over the very encoder that contrastive training gave"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            let spec =
                MobileClipSpec(
                    Name = "clip_small",
                    Image = vit,
                    Text = TextEncoderSpec(Width = 64, Layers = 1, Vocabulary = 300)
                )

            use clip = (spec :> NetworkSpec).Build() :?> MobileClip

            let net =
                DenseNetwork.Over(clip.Image, LinearDenseSpec(), DenseTask.Segmentation, 5)

            Expect.isTrue (obj.ReferenceEquals(net.Backbone, clip.Image)) "the same module"
            let weight = clip.Image.named_parameters () |> Seq.head |> fun struct (_, p) -> p

            use _ = torch.no_grad ()
            weight.add_ (torch.tensor 1.0f) |> ignore

            let own =
                net.named_parameters ()
                |> Seq.find (fun struct (n, _) -> n.StartsWith "backbone")
                |> fun struct (_, p) -> p

            Expect.equal (own.sum().item<float32>()) (weight.sum().item<float32>()) "the same weights"

        testCase "a frozen encoder keeps weights and statistics, in training mode too"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            use net =
                DenseNetwork.Over(mci.Build(), UPerNetSpec.Mini 8, DenseTask.Depth, frozen = true)

            net.train ()

            let before =
                net.Backbone.state_dict ()
                |> Seq.map (fun kv -> kv.Value.sum().``to``(torch.float32).item<float32>())
                |> List.ofSeq

            net.call(torch.rand (2L, 3L, 32L, 32L)).mean().backward()

            let after =
                net.Backbone.state_dict ()
                |> Seq.map (fun kv -> kv.Value.sum().``to``(torch.float32).item<float32>())
                |> List.ofSeq

            Expect.equal after before "statistics"
            Expect.isTrue (net.Backbone.parameters () |> Seq.forall (fun p -> isNull p.grad)) "no gradients"
            Expect.isTrue net.training "the network trains"
            Expect.isFalse net.Backbone.training "the encoder does not"

        testCase "what does not fit together is said, all at once"
        <| fun () ->
            failsSaying
                [
                    "n cannot be built:"
                    "classes: expected at least 1, found 0"
                    "BoxHeadSpec for Segmentation"
                ]
                (fun () ->
                    DenseNetworkSpec(Name = "n", Backbone = vit, Head = BoxHeadSpec(), Classes = 0).Build()
                    |> ignore)

            failsSaying [ "gives no feature maps"; "IDenseBackbone" ] (fun () ->
                let spec = network DenseTask.Segmentation (UPerNetSpec.Mini()) vit
                new DenseNetwork(spec, (MobileOne.Mini 10).Build()) |> ignore)

            failsSaying [ "reassemble: expected four" ] (fun () ->
                let head =
                    DptSpec(Reassemble = System.Collections.Immutable.ImmutableArray.Create(8, 8))

                (network DenseTask.Depth head vit).Build() |> ignore)

        testCase "the papers' heads on the papers' encoders have the sizes that are known"
        <| fun () ->
            // ViT-B + UPerNet of MMSegmentation has about 140 to 160 million parameters.
            let spec =
                PlainVitSpec(
                    Name = "vit_b",
                    ImageSize = 224,
                    Patch = 16,
                    Width = 768,
                    Layers = 12,
                    Heads = 12,
                    Classes = 1
                )

            use net = (network DenseTask.Segmentation (UPerNetSpec()) spec).Build()
            let count = net.parameters () |> Seq.sumBy _.numel()
            Expect.isTrue (count > 110_000_000L && count < 160_000_000L) $"{count}"

        testCase "a dense spec's JSON comes back as the same spec"
        <| fun () ->
            for spec in networks do
                let text = CanonicalJson.Text<ModelSpec> spec

                let back =
                    System.Text.Json.JsonSerializer.Deserialize<ModelSpec>(text, CanonicalJson.Options)

                Expect.equal (CanonicalJson.Text<ModelSpec> back) text spec.Name
    ]

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
let tests = torchTests "dense networks" (taps @ heads' @ mae)
