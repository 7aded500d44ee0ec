using static TorchSharp.torch;

namespace Recipes.Models;

// The fixed positions of a grid as in MAE's code: half of the channels for the column and half for the row, sines and then cosines.
internal static class SinePositions
{
    private const double Base = 10000;

    /// <summary><c>[1, rows·columns, D]</c>, float32; D is a multiple of 4.</summary>
    public static Tensor Table(int rows, int columns, int width)
    {
        var values = new float[rows * columns * width];
        var quarter = width / 4;
        for (var p = 0; p < rows * columns; p++)
        {
            var at = values.AsSpan(p * width, width);
            for (var i = 0; i < quarter; i++)
            {
                var rate = Math.Pow(Base, -(double)i / quarter);
                var (across, down) = (p % columns * rate, p / columns * rate);
                (at[i], at[quarter + i]) = ((float)Math.Sin(across), (float)Math.Cos(across));
                (at[2 * quarter + i], at[3 * quarter + i]) = ((float)Math.Sin(down), (float)Math.Cos(down));
            }
        }
        return tensor(values, [1, rows * columns, width]);
    }
}
