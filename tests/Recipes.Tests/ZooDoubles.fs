/// One small network of each structure that the zoo has, with weights of which none is blind.
module Recipes.Tests.ZooDoubles

open System.Collections.Immutable
open Recipes.Layers
open Recipes.Models
open Recipes.Reproductions.Parity
open TorchSharp

let private array (values: 'T list) = ImmutableArray.CreateRange<'T> values

/// Layer scales and running statistics of order one, so that every branch counts.
let fill (model: torch.nn.Module) =
    SeededWeights.Fill(model, SeedScales(1.0, 0.5, 1.0, 0.5, 10000.0))
    model.eval ()

let private vision name (spec: FastVitSpec) depths widths =
    FastVitSpec(
        Name = name,
        Classes = 24,
        Depths = array depths,
        Widths = array widths,
        MlpRatio = spec.MlpRatio,
        AttentionStages = spec.AttentionStages,
        LayerNorm = spec.LayerNorm,
        StemScale = spec.StemScale,
        DownsampleGelu = spec.DownsampleGelu,
        DownsampleGates = spec.DownsampleGates,
        Head = spec.Head
    )

let private four spec =
    vision "four_stages" spec [ 1; 1; 1; 1 ] [ 8; 16; 32; 64 ]

let private five spec =
    vision "five_stages" spec [ 1; 1; 1; 1; 1 ] [ 8; 16; 32; 64; 128 ]

let private clipText causal activation =
    ClipTextSpec(Width = 64, Layers = 2, Embedding = 24, Vocabulary = 300, Causal = causal, Activation = activation)

let private clip =
    ClipSpec(
        Name = "clip_small",
        ImageSize = 32,
        Patch = 8,
        VisionWidth = 64,
        VisionLayers = 2,
        Text = clipText true Activation.QuickGelu
    )

let private mobileClip name image text =
    MobileClipSpec(Name = name, Image = image, Text = text)

/// What it is, the zoo's names that it stands for, how it is built.
let structures: (string * string * NetworkSpec) list =
    [
        "MobileOne", "mobileone_", MobileOne.Mini(24, 8)
        "MobileOne with gates", "mobileone_s4", MobileOne.S4 24
        "FastViT of RepMixers", "fastvit_", four (FastVit.T8())
        "FastViT with attention", "fastvit_", four (FastVit.SA12())
        "FastViT with pooling", "fastvit_", FastVit.Mini(24, 8).WithMixer TokenMixer.Pooling
        "FastViT with convolutions", "fastvit_", FastVit.Mini(24, 8).WithMixer TokenMixer.Convolution
        "FastViT of one branch, small kernels, no expansion",
        "fastvit_",
        FastVit.Mini(24, 8).Plain().WithKernels(3, 3).WithoutExpansion()
        "a plain ViT", "vit", PlainVit.Near(1000000L, 24)
        "MCi of four stages", "mci", four (Mci.Mci1())
        "MCi of five stages", "mci", five (Mci.Mci3())
        "FastViTHD", "fastvithd", five (Mci.FastVitHd())
        "MobileCLIP, hybrid text",
        "mobileclip_",
        mobileClip
            "mobileclip_small"
            (four (Mci.Mci0()))
            (TextEncoderSpec(Width = 64, Layers = 1, Hybrid = true, Vocabulary = 300))
        "MobileCLIP, causal text",
        "mobileclip_",
        mobileClip
            "mobileclip_causal"
            (MobileOne.Mini(24, 8))
            (TextEncoderSpec(Width = 64, Layers = 2, Causal = true, Vocabulary = 300))
        "MobileCLIP2",
        "mobileclip2_",
        MobileClip2Spec(Name = "mobileclip2_small", Image = five (Mci.Mci3()), Text = clipText false Activation.Gelu)
        "MobileCLIP's ViT", "mobileclip", MobileClipVitSpec(Name = "mobileclip_vit", Classes = 24, HeadBias = true)
        "CLIP", "clip_", clip
        "CLIP's image encoder", "clip_", clip.Vision
        "SigLIP",
        "siglip_",
        SiglipSpec(Name = "siglip_small", ImageSize = 28, Patch = 7, Width = 64, Layers = 2, Heads = 4, Inner = 96)
        "SAM", "sam_", SamDoubles.tiny
        "Qwen2, tied", "qwen2_", DecoderDoubles.qwen true
        "Qwen2, untied", "qwen2_", DecoderDoubles.qwen false
        "Qwen2 of one shared layer", "qwen2_", (DecoderDoubles.qwen false).WithSharedLayer()
        "OpenLM", "openlm_", DecoderDoubles.openLm true true
        "OpenLM, plain norms", "openlm_", DecoderDoubles.openLm false false
        "FastVLM",
        "fastvlm_",
        FastVlmSpec(
            Name = "fastvlm_small",
            Vision = five (Mci.FastVitHd()),
            Language = DecoderDoubles.qwen true,
            ImageSize = 128,
            Context = 48
        )
        "ResNet, basic blocks", "fct_", ResNet.R18 24
        "ResNet, bottlenecks", "fct_", ResNet.R50 24
        for spec in DenseDoubles.networks do
            spec.Name, "", spec :> NetworkSpec

        "a masked autoencoder", "mae_", MaeSpec.Mini(PlainVit.Near(1000000L, 24))
        "FCT's transformation", "fct_transformation", FctTransformationSpec(Name = "fct_transformation", Inner = 64)
    ]

/// Pixels a side that keep the larger ones cheap; others have the size that they are for.
let resolution (spec: NetworkSpec) =
    match spec with
    | :? FastVitSpec
    | :? ResNetSpec
    | :? MobileOneSpec -> System.Nullable 96
    | :? DenseNetworkSpec -> System.Nullable 64
    | :? MobileClipSpec as s when (s.Image :? FastVitSpec || s.Image :? MobileOneSpec) -> System.Nullable 96
    | :? MobileClip2Spec -> System.Nullable 128
    | _ -> System.Nullable()

/// A network of this spec, filled.
let build (spec: NetworkSpec) =
    let model = spec.Build()
    fill model
    model
