namespace Recipes.Data;

// Pictures of one folder with maps of the same names in another.
internal static class PairedFiles
{
    /// <summary>The pairs in the order of their names.</summary>
    /// <exception cref="RecipesException">A picture has no map, or there is no picture; all problems together.</exception>
    public static List<(string Image, string Map)> Match(string title, FileStore files, string images, string maps)
    {
        var pictures = files.Names.Where(n => In(n, images)).Order(Natural.Comparer).ToList();
        var problems = new List<string>();
        var pairs = new List<(string, string)>();
        foreach (var picture in pictures)
        {
            var map = maps + picture[images.Length..];
            if (files.Names.Contains(map))
                pairs.Add((picture, map));
            else
                problems.Add($"{files.At(picture)}: expected a map {map}, found none");
        }
        problems.AddRange(
            files
                .Names.Where(n => In(n, maps) && !files.Names.Contains(images + n[maps.Length..]))
                .Order(StringComparer.Ordinal)
                .Select(map => $"{files.At(map)}: a map without its picture {images + map[maps.Length..]}")
        );
        if (pictures.Count == 0)
            problems.Add($"{files.At(images)}: expected pictures (.png) beside their maps in {maps}, found none");
        RecipesException.ThrowIfAny($"data {title}: broken files. Get them again.", problems);
        return pairs;
    }

    /// <summary>A picture of a pair and its map, which must be of one size.</summary>
    public static (RgbImage Image, ushort[] Values) Read(FileStore files, (string Image, string Map) pair)
    {
        var (rgb, width, height) = ImageDecoder.Decode(files.Read(pair.Image), files.At(pair.Image));
        var map = GreyPng.Read(files.Read(pair.Map), files.At(pair.Map));
        return (map.Width, map.Height) == (width, height)
            ? (new RgbImage(rgb, width, height), map.Values)
            : throw new RecipesException(
                $"{files.At(pair.Map)}: expected {width} x {height} pixels as its picture has, found {map.Width} x {map.Height}. Get the data again."
            );
    }

    private static bool In(string name, string folder) =>
        name.StartsWith(folder, StringComparison.Ordinal) && name.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    // 2.png before 10.png.
    private sealed class Natural : IComparer<string>
    {
        public static Natural Comparer { get; } = new();

        public int Compare(string? a, string? b)
        {
            var byLength = (a ?? "").Length.CompareTo((b ?? "").Length);
            return byLength != 0 ? byLength : string.CompareOrdinal(a, b);
        }
    }
}
