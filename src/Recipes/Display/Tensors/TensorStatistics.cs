using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Display;

// Least, greatest, mean and standard deviation of the finite values of a real tensor. Works through the tensor in pieces, so
// that it needs little memory beside it.
internal sealed class TensorStatistics
{
    private const long Piece = 1 << 22;

    private long _finite;
    private double _mean;
    private double _squares;

    private TensorStatistics() { }

    /// <summary>A long for whole numbers, else a double; null when no value is finite.</summary>
    public object? Min { get; private set; }

    /// <summary>As <see cref="Min"/>.</summary>
    public object? Max { get; private set; }

    public double Mean => _finite > 0 ? _mean : double.NaN;

    /// <summary>With n - 1, as torch.std has it.</summary>
    public double Std => _finite > 1 ? Math.Sqrt(_squares / (_finite - 1)) : double.NaN;

    public long NaN { get; private set; }

    public long Infinite { get; private set; }

    public static TensorStatistics Of(Tensor tensor)
    {
        var found = new TensorStatistics();
        foreach (var piece in Pieces(tensor))
        {
            using var scope = NewDisposeScope();
            found.Add(piece);
        }
        return found;
    }

    private static IEnumerable<Tensor> Pieces(Tensor tensor)
    {
        if (tensor.numel() == 0)
            yield break;
        var rows =
            tensor.is_contiguous() ? tensor.view(-1)
            : tensor.dim() == 0 ? tensor.reshape(1)
            : tensor;
        var step = Math.Max(1, Piece / Math.Max(1, rows.numel() / rows.shape[0]));
        for (long from = 0; from < rows.shape[0]; from += step)
            yield return rows.narrow(0, from, Math.Min(step, rows.shape[0] - from));
    }

    private void Add(Tensor piece)
    {
        var flat = piece.reshape(-1);
        if (is_complex(flat.dtype))
        {
            Count(flat);
            return;
        }
        if (flat.dtype == ScalarType.Bool)
            flat = flat.to(ScalarType.Byte);
        var values = flat.to(ScalarType.Float64);
        if (is_floating_point(flat.dtype))
        {
            var finite = Count(values);
            if (finite is not null)
                values = values.masked_select(finite);
            if (values.numel() == 0)
                return;
            Range(values.min().item<double>(), values.max().item<double>());
        }
        else
        {
            Range(flat.min().to(ScalarType.Int64).item<long>(), flat.max().to(ScalarType.Int64).item<long>());
        }
        var (count, mean) = (values.numel(), values.mean().item<double>());
        var squares = (values - mean).square().sum().item<double>();
        var gap = mean - _mean;
        _squares += squares + gap * gap * _finite * count / (_finite + count);
        _finite += count;
        _mean += gap * count / _finite;
    }

    // Which values are finite; null when all are.
    private Tensor? Count(Tensor values)
    {
        var finite = values.isfinite();
        var others = values.numel() - finite.sum().item<long>();
        if (others == 0)
            return null;
        var nan = values.isnan().sum().item<long>();
        (NaN, Infinite) = (NaN + nan, Infinite + others - nan);
        return finite;
    }

    private void Range<T>(T min, T max)
        where T : struct, IComparable<T>
    {
        Min = Min is T low && low.CompareTo(min) <= 0 ? low : min;
        Max = Max is T high && high.CompareTo(max) >= 0 ? high : max;
    }
}
