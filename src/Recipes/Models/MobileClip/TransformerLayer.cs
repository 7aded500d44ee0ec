using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A pre-norm transformer layer with the names of Apple's MobileCLIP: attention, then a feed-forward of four times the width, GELU.</summary>
/// <remarks>
/// Input and output <c>[B, T, D]</c>. Keys <c>pre_norm_mha.0</c> (norm), <c>pre_norm_mha.1</c> (attention), <c>pre_norm_ffn.0</c> (norm),
/// <c>pre_norm_ffn.1</c>, <c>pre_norm_ffn.4</c>.
/// </remarks>
public sealed class TransformerLayer : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "pre_norm_mha")]
    private readonly Module<Tensor, Tensor> _attention;

    [ComponentName(Name = "pre_norm_ffn")]
    private readonly Module<Tensor, Tensor> _feedForward;

    /// <summary>Builds the layer.</summary>
    /// <param name="width">D.</param>
    /// <param name="heads">Attention heads, which share D.</param>
    /// <param name="causal">Whether a position sees only itself and what is before it.</param>
    /// <param name="epsilon">ε of the norms.</param>
    public TransformerLayer(long width, long heads, bool causal, double epsilon = 1e-5)
        : base(nameof(TransformerLayer))
    {
        _attention = Sequential(("0", LayerNorm(width, epsilon)), ("1", new TokenAttention(width, heads, causal)));
        _feedForward = Sequential(
            ("0", LayerNorm(width, epsilon)),
            ("1", Linear(width, 4 * width)),
            ("2", GELU()),
            ("3", nn.Identity()),
            ("4", Linear(4 * width, width))
        );
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mixed = input + _attention.call(input);
        return (mixed + _feedForward.call(mixed)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var mixed = input + graph.Call(_attention, input);
        return mixed + graph.Call(_feedForward, mixed);
    }
}
