using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// A learned table of positions under the official names pos_embed.pos_embed, shape [1, 1, T, D].
internal sealed class PositionTable : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "pos_embed")]
    private readonly Inner _inner;

    public PositionTable(long length, long width)
        : base(nameof(PositionTable))
    {
        _inner = new Inner(length, width);
        RegisterComponents();
    }

    /// <summary>Adds the table to tokens [B, T, D]; for another T it is interpolated.</summary>
    public override Tensor forward(Tensor input) => _inner.call(input);

    /// <summary>The table for a grid of patches, [1, T, D], interpolated in both directions.</summary>
    public Tensor Grid((long Rows, long Columns) grid) => _inner.Grid(grid);

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_inner, input);

    private sealed class Inner : Module<Tensor, Tensor>, IOnnxLayer
    {
        [ComponentName(Name = "pos_embed")]
        private readonly Parameter _table;

        public Inner(long length, long width)
            : base(nameof(PositionTable))
        {
            _table = Parameters.Normal(Math.Pow(width, -0.5), 1, 1, length, width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (input + Rows(input.shape[1])).MoveToOuterDisposeScope();
        }

        /// <inheritdoc/>
        public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            return input + graph.Derived("pos_embed", Rows(input.Size(1)));
        }

        public Tensor Grid((long Rows, long Columns) grid) =>
            TokenMaps.Positions(_table.reshape(1, _table.shape[2], _table.shape[3]), grid);

        // [1, T, D] for so many tokens.
        private Tensor Rows(long length)
        {
            var width = _table.shape[3];
            var table =
                length == _table.shape[2]
                    ? _table
                    : functional.interpolate(_table, size: [length, width], mode: InterpolationMode.Bilinear);
            return table.reshape(1, length, width);
        }
    }
}
