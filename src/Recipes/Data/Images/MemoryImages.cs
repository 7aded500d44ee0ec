namespace Recipes.Data;

/// <summary>Square pictures held in memory as one block of bytes, grey (<c>[N, S, S]</c>) or planar colour (<c>[N, 3, S, S]</c>).</summary>
internal sealed class MemoryImages : IImageSet
{
    private readonly ReadOnlyMemory<byte> _pixels;
    private readonly byte[] _labels;
    private readonly int _side;
    private readonly int _planes;

    public MemoryImages(string name, IReadOnlyList<string> classes, ReadOnlyMemory<byte> pixels, byte[] labels, int side, int planes)
    {
        (Name, Classes, _pixels, _labels, _side, _planes) = (name, classes, pixels, labels, side, planes);
    }

    public string Name { get; }

    public int Count => _labels.Length;

    public IReadOnlyList<string> Classes { get; }

    public int Label(int index) => _labels[index];

    public void Read(int index, int size, Span<byte> rgb)
    {
        ImageBytes.Require(rgb.Length, size);
        var area = _side * _side;
        Span<byte> native = size == _side ? rgb : stackalloc byte[3 * area];
        var planes = _pixels.Span.Slice(index * _planes * area, _planes * area);
        for (var i = 0; i < area; i++)
        {
            native[3 * i] = planes[i];
            native[3 * i + 1] = planes[_planes == 1 ? i : area + i];
            native[3 * i + 2] = planes[_planes == 1 ? i : 2 * area + i];
        }
        if (size != _side)
            Resampler.Shared.Resize(native, _side, new PixelBox(0, 0, _side, _side), rgb, size, size);
    }
}
