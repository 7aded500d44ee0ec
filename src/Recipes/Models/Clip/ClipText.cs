using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A text encoder alone, with the names of open_clip; MobileCLIP2's.</summary>
/// <remarks>
/// Input token ids <c>[B, T]</c>, int64; output features <c>[B, D]</c>, not normalised: those of the largest id, the end token. Keys
/// <c>positional_embedding</c>, <c>text_projection</c>, <c>token_embedding</c>, <c>transformer.resblocks</c>, <c>ln_final</c>.
/// </remarks>
public sealed class ClipText : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "positional_embedding")]
    private readonly Parameter _positions;

    [ComponentName(Name = "text_projection")]
    private readonly Parameter _projection;

    [ComponentName(Name = "token_embedding")]
    private readonly TokenTable _tokens;

    [ComponentName(Name = "transformer")]
    private readonly ClipTransformer _transformer;

    [ComponentName(Name = "ln_final")]
    private readonly LayerNorm _norm;

    /// <summary>Builds the encoder.</summary>
    public ClipText(ClipTextSpec spec)
        : base(nameof(ClipText))
    {
        Spec = spec;
        _positions = Parameters.Normal(0.01, spec.Context, spec.Width);
        _projection = Parameters.Normal(Math.Pow(spec.Width, -0.5), spec.Width, spec.Embedding);
        _tokens = new TokenTable(spec.Vocabulary, spec.Width, FreshWeights.Normal(0.02));
        _transformer = new ClipTransformer(spec.Layers, spec.Width, spec.Width / 64, spec.Causal, spec.Activation);
        _norm = LayerNorm(spec.Width);
        RegisterComponents();
    }

    /// <summary>What the encoder was built from.</summary>
    public ClipTextSpec Spec { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor tokens) => Encode(tokens, _tokens, _positions, _transformer, _norm, _projection);

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        Encode(graph, input, _tokens, _positions, _transformer, _norm, _projection);

    /// <summary>The same in ONNX.</summary>
    internal static OnnxValue Encode(
        OnnxGraph graph,
        OnnxValue tokens,
        TokenTable table,
        Tensor positions,
        Module<Tensor, Tensor> transformer,
        LayerNorm norm,
        Tensor projection
    )
    {
        var x = graph.Call(table, tokens) + graph.Weight("positional_embedding", positions); // [B, T, D]
        var last = graph.Call(norm, graph.Call(transformer, x)).PickRows(tokens.ArgMax()); // [B, D]
        return last.MatMul(graph.Weight("text_projection", projection));
    }

    // The largest id is that of the end token, whose features stand for the caption.
    internal static Tensor Encode(
        Tensor tokens,
        TokenTable table,
        Tensor positions,
        Module<Tensor, Tensor> transformer,
        LayerNorm norm,
        Tensor projection
    )
    {
        TokenIds.CheckCaptions(tokens, "CLIP's text encoder", (int)table.Weight.shape[0], (int)positions.shape[0]);
        using var scope = NewDisposeScope();
        var x = table.call(tokens) + positions; // [B, T, D]
        x = norm.call(transformer.call(x));
        var last = x[arange(tokens.shape[0], device: tokens.device), tokens.argmax(-1)]; // [B, D]
        return last.matmul(projection).MoveToOuterDisposeScope();
    }
}
