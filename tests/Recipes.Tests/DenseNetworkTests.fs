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

            for spec in [ vit :> ModelSpec; mci; clip ] do
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
            for spec in [ vit :> ModelSpec; mci; clip ] do
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
            use net =
                (network DenseTask.Segmentation (UPerNetSpec()) (PlainVit.B16(classes = 1))).Build()

            let count = net.parameters () |> Seq.sumBy _.numel()
            Expect.isTrue (count > 110_000_000L && count < 160_000_000L) $"{count}"

        testCase "dense networks of the zoo show their encoder and head, and no recipe takes one for a classifier"
        <| fun () ->
            let spec = network DenseTask.Segmentation (UPerNetSpec.Mini 16) mci
            let info = ModelInfo.Of(spec, System.Nullable 64)

            Expect.equal
                [ for p in info.Parts -> p.Name, List.ofSeq p.Output ]
                [ "backbone", [ 1L; 64L; 4L; 4L ]; "head", [ 1L; 12L; 64L; 64L ] ]
                "parts"

            Expect.equal (info.Parts |> Seq.sumBy _.Parameters) info.Train.Parameters "nothing else"

            for name in
                [
                    "upernet_mci2"
                    "upernet_clip_vit_b_16"
                    "dpt_mci2"
                    "dpt_clip_vit_b_16"
                    "mae_vit_b_16"
                ] do
                Expect.equal (Zoo.Network name).Name name "its own name"
                Expect.isFalse (Seq.contains name Zoo.TrainableNames) "no classifier"
                failsSaying [ name; "one vector out" ] (fun () -> Zoo.Spec name |> ignore)

            Expect.equal ((Zoo.Network("upernet_mci0", 21) :?> DenseNetworkSpec).Classes) 21 "classes of pixels"
            failsSaying [ "no classes to choose" ] (fun () -> Zoo.Network("mae_vit_b_16", 10) |> ignore)

        testCase "a dense spec's JSON comes back as the same spec"
        <| fun () ->
            for spec in networks do
                let text = CanonicalJson.Text<ModelSpec> spec

                let back =
                    System.Text.Json.JsonSerializer.Deserialize<ModelSpec>(text, CanonicalJson.Options)

                Expect.equal (CanonicalJson.Text<ModelSpec> back) text spec.Name
    ]

[<Tests>]
let tests = torchTests "dense networks" (taps @ heads')
