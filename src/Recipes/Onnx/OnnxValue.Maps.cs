using static TorchSharp.torch;

namespace Recipes.Onnx;

// Maps [B, C, H, W] at other resolutions.
public sealed partial class OnnxValue
{
    /// <summary>Another number of rows and columns, bilinear between the middles of pixels (torch's <c>align_corners=False</c>).</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public OnnxValue Resize(OnnxDim rows, OnnxDim columns)
    {
        if (Shape[2] == rows && Shape[3] == columns)
            return this;
        return Graph.Emit(
            "Resize",
            [this, null, null, Graph.Sizes([Shape[0], Shape[1], rows, columns])],
            Type,
            [Shape[0], Shape[1], rows, columns],
            ("mode", "linear"),
            ("coordinate_transformation_mode", "half_pixel")
        );
    }

    /// <summary>
    /// Means over a grid of cells, torch's <c>adaptive_avg_pool2d</c>: products with two matrices, because ONNX has no operator for it. The
    /// sides must be numbers.
    /// </summary>
    /// <param name="side">Cells each way.</param>
    public OnnxValue MeanGrid(long side)
    {
        var (rows, columns) = (Size(2), Size(3));
        var down = Graph.Shared($"cells[{side},{rows}]", () => Cells(side, rows));
        var across = Graph.Shared($"cells[{side},{columns}].T", () => Cells(side, columns).t().contiguous());
        return down.MatMul(this).MatMul(across);
    }

    // [side, length]: the weights of the mean of each cell.
    private static Tensor Cells(long side, long length)
    {
        var weights = new float[side * length];
        for (var i = 0; i < side; i++)
        {
            var (start, end) = (i * length / side, ((i + 1) * length + side - 1) / side);
            for (var k = start; k < end; k++)
                weights[i * length + k] = 1f / (end - start);
        }
        return tensor(weights).reshape(side, length);
    }
}
