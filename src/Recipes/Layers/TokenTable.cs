using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// An embedding table. (The framework's own draws normal values first, and makes a new tensor each time its weight is asked for, and one built inside a dispose scope loses it.)
/// </summary>
/// <remarks>Token ids int64 <c>[B, T]</c> in, rows <c>[B, T, D]</c> out.</remarks>
public sealed class TokenTable : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    /// <summary>Builds the table.</summary>
    /// <param name="count">V, number of token ids.</param>
    /// <param name="width">D.</param>
    /// <param name="fill">Draws the values in place.</param>
    public TokenTable(long count, long width, Action<Tensor> fill)
        : base(nameof(TokenTable))
    {
        _weight = FreshWeights.Filled([count, width], fill);
        RegisterComponents();
    }

    /// <summary>The table <c>[V, D]</c>; it belongs to this module.</summary>
    public Parameter Weight => _weight;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var rows = _weight.index_select(0, input.flatten());
        return rows.view([.. input.shape, _weight.shape[1]]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Weight("weight", _weight).Gather(input);
}
