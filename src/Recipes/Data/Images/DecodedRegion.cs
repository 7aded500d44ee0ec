namespace Recipes.Data;

/// <summary>The pixels that a crop of a picture file needs, valid until this thread decodes the next.</summary>
/// <param name="Rgb">Rows of <paramref name="Stride"/> pixels, three bytes each.</param>
/// <param name="Width">Columns of the whole picture.</param>
/// <param name="Height">Rows of the whole picture.</param>
/// <param name="Stride">Pixels in a row of <paramref name="Rgb"/>.</param>
/// <param name="Crop">Where the crop lies in <paramref name="Rgb"/>.</param>
internal readonly record struct DecodedRegion(byte[] Rgb, int Width, int Height, int Stride, PixelBox Crop);
