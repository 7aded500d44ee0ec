using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).</summary>
/// <remarks>Input and output <c>[B, T, D]</c>.</remarks>
internal sealed class Qwen2Layer : Module<Tensor, DecoderPass, Tensor>
{
    [ComponentName(Name = "self_attn")]
    private readonly Qwen2Attention _attention;

    [ComponentName(Name = "mlp")]
    private readonly Qwen2FeedForward _feedForward;

    [ComponentName(Name = "input_layernorm")]
    private readonly RmsNorm _attentionNorm;

    [ComponentName(Name = "post_attention_layernorm")]
    private readonly RmsNorm _feedForwardNorm;

    public Qwen2Layer(Qwen2Spec spec)
        : base(nameof(Qwen2Layer))
    {
        _attention = new Qwen2Attention(spec);
        _feedForward = new Qwen2FeedForward(spec);
        _attentionNorm = new RmsNorm(spec.Width, spec.NormEpsilon);
        _feedForwardNorm = new RmsNorm(spec.Width, spec.NormEpsilon);
        RegisterComponents();
    }

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
