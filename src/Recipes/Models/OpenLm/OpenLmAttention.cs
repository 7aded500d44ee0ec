using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Multi-head attention from one matrix for queries, keys and values, with norms on queries and keys where the spec asks.</summary>
/// <remarks>Input and output <c>[B, T, D]</c>.</remarks>
internal sealed class OpenLmAttention : Module<Tensor, DecoderPass, Tensor>
{
    [ComponentName(Name = "in_proj")]
    private readonly Linear _input;

    [ComponentName(Name = "out_proj")]
    private readonly Linear _output;

    [ComponentName(Name = "pos_embed")]
    private readonly OpenLmRotary _rotary;

    [ComponentName(Name = "q_norm")]
    private readonly Module<Tensor, Tensor> _queryNorm;

    [ComponentName(Name = "k_norm")]
    private readonly Module<Tensor, Tensor> _keyNorm;

    private readonly int _heads;

    public OpenLmAttention(OpenLmSpec spec, int index)
        : base(nameof(OpenLmAttention))
    {
        _heads = spec.Heads;
        var deviation = 1 / Math.Sqrt(spec.Width);
        _input = FreshWeights.Linear(spec.Width, 3 * spec.Width, false, FreshWeights.TruncatedNormal(deviation));
        _output = FreshWeights.Linear(
            spec.Width,
            spec.Width,
            false,
            FreshWeights.TruncatedNormal(deviation / Math.Sqrt(2.0 * (index + 1)))
        );
        _rotary = new OpenLmRotary(spec);
        _queryNorm = spec.QueryKeyNorm ? spec.Norm() : Identity();
        _keyNorm = spec.QueryKeyNorm ? spec.Norm() : Identity();
        RegisterComponents();
    }

    public Tensor Frequencies => _rotary.Frequencies;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var parts = _input.call(input).chunk(3, -1);
        var q = CausalAttention.Split(_queryNorm.call(parts[0]), _heads); // [B, H, T, D/H]
        var k = CausalAttention.Split(_keyNorm.call(parts[1]), _heads);
        var v = CausalAttention.Split(parts[2], _heads);
        return _output.call(CausalAttention.Attend(q, k, v, pass)).MoveToOuterDisposeScope();
    }

    /// <summary>The same in ONNX.</summary>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input, OnnxPass pass)
    {
        var parts = graph.Call(_input, input).Chunk(3, -1);
        var (q, k) = (graph.Call(_queryNorm, parts[0]), graph.Call(_keyNorm, parts[1]));
        return graph.Call(_output, CausalAttention.Attend(q, k, parts[2], _heads, _heads, pass));
    }
}
