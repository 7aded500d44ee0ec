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

    private static long Count(long length, long side) => (length + side - 1) / side;
}
