/// Decoders small enough to build in a moment, one of each kind.
module Recipes.Tests.DecoderDoubles

open Recipes.Models
open TorchSharp

/// Grouped queries (4 heads share 2 keys), context of 64 tokens.
let qwen tied =
    Qwen2Spec(
        Name = "qwen2_tiny",
        Width = 32,
        Layers = 3,
        Heads = 4,
        KeyValueHeads = 2,
        Inner = 48,
        Vocabulary = 101,
        TiedHead = tied,
        Context = 64,
        RotaryBase = 1e6,
        NormEpsilon = 1e-6
    )

let openLm queryKeyNorm gainOnly =
    OpenLmSpec(
        Name = "openlm_tiny",
        Width = 32,
        Layers = 3,
        Heads = 4,
        Inner = 48,
        Vocabulary = 101,
        Context = 64,
        RotaryBase = 100000.0,
        NormEpsilon = 1e-5,
        QueryKeyNorm = queryKeyNorm,
        GainOnly = gainOnly
    )

let specs: (string * DecoderSpec) list =
    [
        "Qwen2, tied", qwen true
        "Qwen2, untied", qwen false
        "OpenLM", openLm true true
        "OpenLM, plain norms", openLm false false
    ]

/// A decoder for inference. Its matrices are spread to 1/sqrt(width): at Qwen2's initial 0.02 tokens of so small a model
/// hardly see each other, and far above it the softmax multiplies rounding.
let build (spec: DecoderSpec) =
    let model = spec.Build 7L
    model.eval ()
    use _ = torch.no_grad ()
    use scope = torch.NewDisposeScope()

    for p in model.parameters () do
        if p.dim () = 2L then
            p.mul_ (1.0 / sqrt (float spec.Width) / p.std().``to``(torch.float64)) |> ignore

    model

/// Token ids of two rows.
let ids (spec: DecoderSpec) rows tokens =
    use generator = torch.random.manual_seed 3L
    torch.randint (int64 spec.Vocabulary, [| int64 rows; int64 tokens |], generator = generator)

/// The largest difference, in units of the largest value.
let difference (expected: torch.Tensor) (found: torch.Tensor) =
    use scope = torch.NewDisposeScope()

    let largest (t: torch.Tensor) =
        t.abs().max().``to``(torch.float64).item<float>()

    largest (expected - found) / largest expected

/// Columns from..till-1 of rows of tokens.
let columns (from: int) (till: int) (tokens: torch.Tensor) =
    tokens.narrow (1L, int64 from, int64 (till - from))

/// One row of a batch, as a batch.
let row (i: int) (batch: torch.Tensor) = batch.narrow (0L, int64 i, 1L)
