using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).</summary>
/// <remarks>Input and output <c>[B, T, D]</c>.</remarks>
internal sealed class OpenLmLayer : Module<Tensor, DecoderPass, Tensor>
{
    [ComponentName(Name = "attention")]
    private readonly OpenLmAttention _attention;

    [ComponentName(Name = "feed_forward")]
    private readonly OpenLmFeedForward _feedForward;

    [ComponentName(Name = "attention_norm")]
    private readonly LayerNorm _attentionNorm;

    [ComponentName(Name = "ffn_norm")]
    private readonly LayerNorm _feedForwardNorm;

    public OpenLmLayer(OpenLmSpec spec, int index)
        : base(nameof(OpenLmLayer))
    {
        _attention = new OpenLmAttention(spec, index);
        _feedForward = new OpenLmFeedForward(spec, index);
        (_attentionNorm, _feedForwardNorm) = (spec.Norm(), spec.Norm());
        RegisterComponents();
    }

    public Tensor Frequencies => _attention.Frequencies;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var x = input + _attention.call(_attentionNorm.call(input), pass);
        return (x + _feedForward.call(_feedForwardNorm.call(x))).MoveToOuterDisposeScope();
    }

    /// <summary>The same in ONNX.</summary>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input, OnnxPass pass)
    {
        var normal = graph.Call(_attentionNorm, input);
        var x = input + graph.In(_attention, () => _attention.ToOnnx(graph, normal, pass));
        return x + graph.Call(_feedForward, graph.Call(_feedForwardNorm, x));
    }
}
