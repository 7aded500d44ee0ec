using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Grouped-query attention; queries, keys and values have biases where the spec says so, the output has none.</summary>
/// <remarks>Input and output <c>[B, T, D]</c>.</remarks>
internal sealed class Qwen2Attention : Module<Tensor, DecoderPass, Tensor>
{
    [ComponentName(Name = "q_proj")]
    private readonly Linear _queries;

    [ComponentName(Name = "k_proj")]
    private readonly Linear _keys;

    [ComponentName(Name = "v_proj")]
    private readonly Linear _values;

    [ComponentName(Name = "o_proj")]
    private readonly Linear _output;

    private readonly Qwen2Spec _spec;

    public Qwen2Attention(Qwen2Spec spec)
        : base(nameof(Qwen2Attention))
    {
        _spec = spec;
        var shared = spec.KeyHeads * spec.HeadWidth;
        _queries = FreshWeights.Linear(spec.Width, spec.Width, spec.Biases, Qwen2Body.Initial);
        _keys = FreshWeights.Linear(spec.Width, shared, spec.Biases, Qwen2Body.Initial);
        _values = FreshWeights.Linear(spec.Width, shared, spec.Biases, Qwen2Body.Initial);
        _output = FreshWeights.Linear(spec.Width, spec.Width, false, Qwen2Body.Initial);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var q = CausalAttention.Split(_queries.call(input), _spec.Heads); // [B, H, T, D/H]
        var k = CausalAttention.Split(_keys.call(input), _spec.KeyHeads); // [B, K, T, D/H]
        var v = CausalAttention.Split(_values.call(input), _spec.KeyHeads);
        return _output.call(CausalAttention.Attend(q, k, v, pass)).MoveToOuterDisposeScope();
    }

    /// <summary>The same in ONNX.</summary>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input, OnnxPass pass)
    {
        var (q, k, v) = (graph.Call(_queries, input), graph.Call(_keys, input), graph.Call(_values, input));
        return graph.Call(_output, CausalAttention.Attend(q, k, v, _spec.Heads, _spec.KeyHeads, pass));
    }
}
