using System.Globalization;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Display;

// Values as PyTorch prints them: aligned, in full when there are few, else the corners with dots between.
internal sealed class TensorText
{
    private const int Most = 100;
    private const int MostCorners = 200;
    private const int LineWidth = 80;

    private readonly long[] _shape;
    private readonly (int Head, int Tail)[] _ends;
    private readonly string[] _values;
    private readonly int _width;
    private readonly StringBuilder _text = new();
    private int _next;

    private TensorText(Tensor tensor)
    {
        _shape = tensor.shape;
        _ends = Ends(_shape);
        _values = Values(Corners(tensor, _ends));
        _width = _values.Max(v => v.Length);
    }

    public static string Of(Tensor tensor)
    {
        if (tensor.numel() == 0)
            return "[]";
        using var scope = NewDisposeScope();
        var text = new TensorText(tensor);
        text.Write(0);
        return text._text.ToString();
    }

    // How many entries of each dimension are shown at its two ends: all, else three, else fewer, outermost first.
    private static (int Head, int Tail)[] Ends(long[] shape)
    {
        var all = shape.Aggregate(1.0, (product, n) => product * n) <= Most;
        var ends = Array.ConvertAll(shape, n => all || n <= 6 ? ((int)n, 0) : (3, 3));
        foreach (var most in (int[])[2, 1])
        {
            for (var d = 0; d < ends.Length && ends.Aggregate(1.0, (product, e) => product * (e.Item1 + e.Item2)) > MostCorners; d++)
                ends[d] = shape[d] <= most ? ends[d] : (1, most - 1);
        }
        return ends;
    }

    private static Tensor Corners(Tensor tensor, (int Head, int Tail)[] ends)
    {
        for (var d = 0; d < ends.Length; d++)
        {
            var (head, tail) = ends[d];
            if (head + tail == tensor.shape[d])
                continue;
            var front = tensor.narrow(d, 0, head);
            tensor = tail > 0 ? cat([front, tensor.narrow(d, tensor.shape[d] - tail, tail)], d) : front;
        }
        return tensor;
    }

    private static string[] Values(Tensor corners)
    {
        if (corners.dtype == ScalarType.Bool)
            return [.. Read<long>(corners, ScalarType.Int64).Select(v => v != 0 ? "true" : "false")];
        if (is_complex(corners.dtype))
        {
            var parts = Floats(Read<double>(view_as_real(corners.resolve_conj()), ScalarType.Float64));
            return [.. parts.Chunk(2).Select(p => $"{p[0]}{(p[1].StartsWith('-') ? "" : "+")}{p[1]}j")];
        }
        return is_floating_point(corners.dtype)
            ? Floats(Read<double>(corners, ScalarType.Float64))
            : [.. Read<long>(corners, ScalarType.Int64).Select(v => v.ToString(CultureInfo.InvariantCulture))];
    }

    private static T[] Read<T>(Tensor corners, ScalarType type)
        where T : unmanaged => corners.to(type).cpu().contiguous().data<T>().ToArray();

    private static string[] Floats(double[] values)
    {
        var sizes = values.Where(v => double.IsFinite(v) && v != 0).Select(Math.Abs).DefaultIfEmpty(1).ToList();
        var (least, most) = (sizes.Min(), sizes.Max());
        var whole = sizes.All(v => v == Math.Floor(v)) && most < 1e8;
        var format =
            whole ? "0'.'"
            : most > 1e8 || least < 1e-4 || most / least > 1000 ? "0.0000e+00"
            : "0.0000";
        return Array.ConvertAll(
            values,
            v =>
                double.IsFinite(v) ? v.ToString(format, CultureInfo.InvariantCulture)
                : double.IsNaN(v) ? "nan"
                : v > 0 ? "inf"
                : "-inf"
        );
    }

    private void Write(int depth)
    {
        if (depth == _shape.Length)
        {
            _text.Append(_values[_next++]);
            return;
        }
        var last = depth == _shape.Length - 1;
        var (head, tail) = _ends[depth];
        var cut = head + tail < _shape[depth];
        var perLine = Math.Max(1, (LineWidth - depth - 1) / (_width + 2));
        // Matrices of a stack stand apart.
        var between = last ? "" : new string('\n', _shape.Length - depth - 1) + new string(' ', depth + 1);
        _text.Append('[');
        for (var i = 0; i < head + tail; i++)
        {
            if (i > 0)
                _text.Append(
                    last && i % perLine != 0 ? ", "
                    : last ? ",\n" + new string(' ', depth + 1)
                    : "," + between
                );
            if (cut && i == head)
                _text.Append(last ? "…, " : "…," + between);
            if (last)
                _text.Append(_values[_next++].PadLeft(_width));
            else
                Write(depth + 1);
        }
        if (cut && tail == 0)
            _text.Append(last ? ", …" : "," + between + "…");
        _text.Append(']');
    }
}
