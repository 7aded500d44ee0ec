using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

// A map cut into square windows that do not overlap; zeros at its right and bottom fill the last ones.
internal static class SamWindows
{
    /// <summary><c>[B, H, W, D]</c> to <c>[B, N, S, S, D]</c>, windows row by row, in the caller's scope.</summary>
    public static Tensor Cut(Tensor map, long side)
    {
        using var scope = NewDisposeScope();
        var (batch, height, width, channels) = (map.shape[0], map.shape[1], map.shape[2], map.shape[3]);
        var (rows, columns) = (Count(height, side), Count(width, side));
        var padded = nn.functional.pad(map, [0, 0, 0, columns * side - width, 0, rows * side - height]);
        return padded
            .reshape(batch, rows, side, columns, side, channels)
            .transpose(2, 3)
            .reshape(batch, rows * columns, side, side, channels)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The reverse: what the filling became is cut off.</summary>
    public static Tensor Join(Tensor windows, long height, long width)
    {
        using var scope = NewDisposeScope();
        var (batch, side, channels) = (windows.shape[0], windows.shape[2], windows.shape[4]);
        var (rows, columns) = (Count(height, side), Count(width, side));
        return windows
            .reshape(batch, rows, columns, side, side, channels)
            .transpose(2, 3)
            .reshape(batch, rows * side, columns * side, channels)
            .narrow(1, 0, height)
            .narrow(2, 0, width)
            .MoveToOuterDisposeScope();
    }

    /// <summary><see cref="Cut(Tensor, long)"/> in ONNX.</summary>
    public static OnnxValue Cut(OnnxValue map, long side)
    {
        var (height, width, channels) = (map.Size(1), map.Size(2), map.Size(3));
        var (rows, columns) = (Count(height, side), Count(width, side));
        return map.PadEnd(0, rows * side - height, columns * side - width, 0)
            .Reshape(map.Shape[0], rows, side, columns, side, channels)
            .Transpose(2, 3)
            .Reshape(map.Shape[0], rows * columns, side, side, channels);
    }

    /// <summary><see cref="Join(Tensor, long, long)"/> in ONNX.</summary>
    public static OnnxValue Join(OnnxValue windows, long height, long width)
    {
        var (batch, side, channels) = (windows.Shape[0], windows.Size(2), windows.Size(4));
        var (rows, columns) = (Count(height, side), Count(width, side));
        var map = windows
            .Reshape(batch, rows, columns, side, side, channels)
            .Transpose(2, 3)
            .Reshape(batch, rows * side, columns * side, channels);
        map = rows * side == height ? map : map.Narrow(1, 0, height);
        return columns * side == width ? map : map.Narrow(2, 0, width);
    }

    private static long Count(long length, long side) => (length + side - 1) / side;
}
