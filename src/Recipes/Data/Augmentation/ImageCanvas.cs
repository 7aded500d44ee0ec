namespace Recipes.Data;

/// <summary>A square picture being changed: its bytes, and a second block to write the next state into.</summary>
public sealed class ImageCanvas
{
    private byte[] _front = [];
    private byte[] _back = [];

    /// <summary>The side of the picture as it is now, in pixels.</summary>
    public int Size { get; private set; }

    /// <summary>The side that it must have in the end.</summary>
    public int Target { get; private set; }

    /// <summary>The picture, <c>[Size, Size, 3]</c>.</summary>
    public Span<byte> Pixels => _front.AsSpan(0, 3 * Size * Size);

    /// <summary>Starts a picture.</summary>
    /// <param name="size">The side to read, in pixels; the caller fills <see cref="Pixels"/>.</param>
    /// <param name="target">The side in the end.</param>
    public void Start(int size, int target)
    {
        (Size, Target) = (size, target);
        Grow(ref _front, size);
    }

    /// <summary>Room for the next state, <c>[size, size, 3]</c>; what is in it is not defined.</summary>
    public Span<byte> Next(int size)
    {
        Grow(ref _back, size);
        return _back.AsSpan(0, 3 * size * size);
    }

    /// <summary>Makes the next state the picture.</summary>
    public void Swap(int size)
    {
        (_front, _back) = (_back, _front);
        Size = size;
    }

    /// <summary>Resizes a rectangle of the picture to the target size.</summary>
    public void Crop(PixelBox box, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        Resampler.Shared.Resize(Pixels, Size, box, Next(Target), Target, Target, filter);
        Swap(Target);
    }

    /// <summary>Brings the picture to the target size if it is not.</summary>
    internal void Finish()
    {
        if (Size != Target)
            Crop(new PixelBox(0, 0, Size, Size));
    }

    private static void Grow(ref byte[] bytes, int size)
    {
        if (bytes.Length < 3 * size * size)
            bytes = new byte[3 * size * size];
    }
}
