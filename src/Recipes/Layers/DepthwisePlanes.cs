using System.Numerics;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// Channels-last images <c>[B, H, W, C]</c> in memory, and the copies between them and the planes of
/// <see cref="DepthwisePlan"/>, one vector of channels at a time; channels past the last are zero.
/// </summary>
internal readonly unsafe struct DepthwisePlanes<T>(Tensor channelsLast)
    where T : unmanaged
{
    private readonly T* _data = Pointer(channelsLast);
    private readonly int _height = (int)channelsLast.shape[1];
    private readonly int _width = (int)channelsLast.shape[2];
    private readonly int _channels = (int)channelsLast.shape[3];

    /// <summary>Images <paramref name="first"/> … into planes with a row pitch and a margin.</summary>
    public void Load(int first, int images, int channel, T* planes, int plane, int pitch, int margin)
    {
        var lanes = Math.Min(Vector<T>.Count, _channels - channel);
        for (var b = 0; b < images; b++)
        {
            for (var r = 0; r < _height; r++)
            {
                var from = Pixel(first + b, r) + channel;
                var to = planes + (((b * plane) + ((r + margin) * pitch) + margin) * Vector<T>.Count);
                for (var c = 0; c < _width; c++, from += _channels, to += Vector<T>.Count)
                    Read(from, lanes).Store(to);
            }
        }
    }

    /// <summary>As <see cref="Load"/>, without margin, and zero where <paramref name="gate"/> is not positive.</summary>
    public void LoadGated(DepthwisePlanes<T> gate, int first, int images, int channel, T* planes)
    {
        var lanes = Math.Min(Vector<T>.Count, _channels - channel);
        T* from = Pixel(first, 0) + channel,
            open = gate.Pixel(first, 0) + channel;
        for (var n = images * _height * _width; n > 0; n--, from += _channels, open += _channels, planes += Vector<T>.Count)
            Vector.AndNot(Read(from, lanes), Vector.LessThanOrEqual(Read(open, lanes), Vector<T>.Zero)).Store(planes);
    }

    /// <summary>As <see cref="Load"/> in float64: the lower channels into the first set of planes, for float32 the upper ones into the second.</summary>
    public void LoadWide(int first, int images, int channel, double* planes, int plane, int pitch, int margin, int second)
    {
        var lanes = Math.Min(Vector<T>.Count, _channels - channel);
        for (var b = 0; b < images; b++)
        {
            for (var r = 0; r < _height; r++)
            {
                var from = Pixel(first + b, r) + channel;
                var to = planes + (((b * plane) + ((r + margin) * pitch) + margin) * Vector<double>.Count);
                for (var c = 0; c < _width; c++, from += _channels, to += Vector<double>.Count)
                {
                    if (typeof(T) == typeof(double))
                    {
                        Read(from, lanes).As<T, double>().Store(to);
                    }
                    else
                    {
                        Vector.Widen(Read(from, lanes).As<T, float>(), out var lower, out var upper);
                        lower.Store(to);
                        upper.Store(to + (second * Vector<double>.Count));
                    }
                }
            }
        }
    }

    /// <summary>Planes without margin back into the images; negative values become zero where <paramref name="relu"/>.</summary>
    public void Save(int first, int images, int channel, T* planes, bool relu)
    {
        var lanes = Math.Min(Vector<T>.Count, _channels - channel);
        var to = Pixel(first, 0) + channel;
        for (var n = images * _height * _width; n > 0; n--, to += _channels, planes += Vector<T>.Count)
        {
            var value = Vector.Load(planes);
            if (relu)
                value = Vector.Max(value, Vector<T>.Zero);
            if (lanes == Vector<T>.Count)
                value.Store(to);
            else
                new Span<T>(&value, lanes).CopyTo(new Span<T>(to, lanes));
        }
    }

    private T* Pixel(int image, int row) => _data + (((((long)image * _height) + row) * _width) * _channels);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> Read(T* from, int lanes)
    {
        if (lanes == Vector<T>.Count)
            return Vector.Load(from);
        Vector<T> value = default;
        new Span<T>(from, lanes).CopyTo(new Span<T>(&value, lanes));
        return value;
    }

    // A one-element view has the data's address whatever the size of the whole.
    private static T* Pointer(Tensor tensor)
    {
        using var first = tensor.view(-1).narrow(0, 0, 1);
        fixed (byte* address = first.bytes)
            return (T*)address;
    }
}
