using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>MobileCLIP's text encoder; keys are those of the official checkpoints.</summary>
/// <remarks>
/// Input token ids <c>[B, T]</c>, int64; output features <c>[B, D]</c>, not normalised: those of the largest id, CLIP's end token. Keys
/// <c>projection_layer</c>, <c>embedding_layer</c>, <c>positional_embedding</c>, <c>transformer</c>, <c>final_layer_norm</c>.
/// </remarks>
public sealed class TextEncoder : Module<Tensor, Tensor>, IRebuildable, IOnnxLayer
{
    private readonly (TextEncoderSpec Spec, int Embedding) _built;

    [ComponentName(Name = "projection_layer")]
    private readonly Parameter _projection;

    [ComponentName(Name = "embedding_layer")]
    private readonly TokenTable _tokens;

    [ComponentName(Name = "positional_embedding")]
    private readonly PositionTable _positions;

    [ComponentName(Name = "transformer")]
    private readonly ModuleList<Module<Tensor, Tensor>> _layers;

    [ComponentName(Name = "final_layer_norm")]
    private readonly LayerNorm _norm;

    /// <summary>Builds the train-time form.</summary>
    /// <param name="spec">Sizes.</param>
    /// <param name="embedding">D of the output.</param>
    public TextEncoder(TextEncoderSpec spec, int embedding)
        : base(nameof(TextEncoder))
    {
        _built = (spec, embedding);
        _projection = Parameters.Normal(Math.Pow(spec.Width, -0.5), spec.Width, embedding);
        _tokens = new TokenTable(spec.Vocabulary, spec.Width, FreshWeights.Normal(spec.TokenDeviation));
        _positions = new PositionTable(spec.Context, spec.Width);
        _layers = ModuleList(Layers(spec).ToArray());
        _norm = LayerNorm(spec.Width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, _built.Spec.Context];

    /// <inheritdoc/>
    public override Tensor forward(Tensor tokens)
    {
        TokenIds.CheckCaptions(tokens, "MobileCLIP's text encoder", _built.Spec.Vocabulary);
        using var scope = NewDisposeScope();
        var x = _positions.call(_tokens.call(tokens)); // [B, T, D]
        foreach (var layer in _layers)
            x = layer is RepMixerBlock block ? Convolve(block, x) : layer.call(x);
        var end = tokens.argmax(-1);
        var last = _norm.call(x)[arange(tokens.shape[0], device: tokens.device), end]; // [B, D]
        return last.matmul(_projection).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var x = graph.Call(_positions, graph.Call(_tokens, input)); // [B, T, D]
        foreach (var layer in _layers)
            x =
                layer is RepMixerBlock
                    ? graph.Call(layer, x.Transpose(1, 2).Unsqueeze(2)).Squeeze(2).Transpose(1, 2)
                    : graph.Call(layer, x);
        return graph.Call(_norm, x).PickRows(input.ArgMax()).MatMul(graph.Weight("projection_layer", _projection));
    }

    /// <inheritdoc/>
    public Module Rebuild() => Modules.FoldedAlike(this, new TextEncoder(_built.Spec, _built.Embedding));

    // A caption as a picture of height 1: [B, T, D] to [B, D, 1, T] and back.
    private static Tensor Convolve(RepMixerBlock block, Tensor x) => block.call(x.transpose(1, 2).unsqueeze(2)).squeeze(2).transpose(1, 2);

    private static IEnumerable<Module<Tensor, Tensor>> Layers(TextEncoderSpec spec)
    {
        var ordinary = Enumerable.Range(0, spec.Layers).Select(_ => new TransformerLayer(spec.Width, spec.Width / 64, spec.Causal));
        return spec.Hybrid ? [Convolutional(spec), .. ordinary, Convolutional(spec)] : ordinary;
    }

    private static Module<Tensor, Tensor> Convolutional(TextEncoderSpec spec) => new RepMixerBlock(spec.Width, 4, row: true);
}
