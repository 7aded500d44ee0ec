namespace Recipes.Data;

// A set whose pictures are files, which a check may decode at a smaller size.
internal interface IPictureFiles
{
    (string Name, ReadOnlyMemory<byte> Bytes) Picture(int index);
}

internal static class Pictures
{
    /// <summary>Decodes a picture of a set at its own size.</summary>
    public static RgbImage Decode(IPictureFiles set, int index)
    {
        var (name, file) = set.Picture(index);
        var (rgb, width, height) = ImageDecoder.Decode(file.Span, name);
        return new RgbImage(rgb, width, height);
    }
}
