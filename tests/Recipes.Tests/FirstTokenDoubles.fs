/// Networks that are timed in a moment, one of each kind.
module Recipes.Tests.FirstTokenDoubles

open System.Collections.Immutable
open Recipes.Models

/// Two stages, stride 8; the second attends and its down-sampling has a gate: everything that an encoder of the papers has.
let fastVit =
    FastVitSpec(
        Name = "vision_tiny",
        Classes = 8,
        Depths = ImmutableArray.Create(1, 1),
        Widths = ImmutableArray.Create(16, 32),
        AttentionStages = 1,
        DownsampleGates = ImmutableArray.Create true,
        Head = FastVitHead.Projection
    )

let clip =
    ClipVisionSpec(Name = "clip_tiny", Classes = 8, ImageSize = 64, Patch = 14, Width = 64, Layers = 4)

let siglip =
    SiglipSpec(
        Name = "siglip_tiny",
        Classes = 32,
        ImageSize = 64,
        Patch = 14,
        Width = 32,
        Layers = 4,
        Heads = 2,
        Inner = 48
    )

let towers =
    [
        VisionTower("convolutions", fastVit, 64)
        VisionTower("CLIP", clip, 64)
        VisionTower("SigLIP", siglip, 64)
    ]

let works name crops =
    FirstToken(name, towers[0].At 32, crops, DecoderDoubles.qwen true)

let work name = works name 2

/// Every head with keys of its own, no biases.
let llama =
    Qwen2Spec(
        Name = "llama_tiny",
        Width = 32,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 4,
        Inner = 48,
        Vocabulary = 101,
        TiedHead = false,
        Context = 64,
        RotaryBase = 1e4,
        NormEpsilon = 1e-5,
        Biases = false
    )

let vlm =
    FastVlmSpec(
        Name = "fastvlm_tiny",
        Vision = fastVit,
        Language = DecoderDoubles.qwen true,
        ImageSize = 64,
        Context = 48
    )

/// Made-up times.
let time name =
    FirstTokenTime(work name, Latency(1.0, 2.0), Latency(0.5, 0.6), Latency(2.5, 3.0))
