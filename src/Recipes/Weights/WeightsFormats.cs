namespace Recipes.Weights;

/// <summary>Which format a file is of, by its content, and what a wrong file is.</summary>
internal static class WeightsFormats
{
    private const int Looked = 300;

    // White space, and the bytes of a byte-order mark.
    private static ReadOnlySpan<byte> Blank => [(byte)' ', (byte)'\t', (byte)'\r', (byte)'\n', 0xef, 0xbb, 0xbf];

    /// <summary>Opens a file of any format.</summary>
    /// <param name="path">The file.</param>
    /// <param name="part">The part of a PyTorch checkpoint, or null.</param>
    /// <param name="index">Whether it may be an index of shards; a shard itself may not.</param>
    public static WeightsFile Open(string path, string? part, bool index = true)
    {
        if (Directory.Exists(path))
            throw new RecipesException($"{path} is a folder; give a file in it{InFolder(path)}.");
        using (var file = MappedFile.Open(path))
        {
            var start = Start(file);
            if (PyTorchFile.IsZip(start) || LegacyCheckpoint.Begins(start))
                return OpenPyTorch(path, part);
            if (index && start.TrimStart(Blank).StartsWith("{"u8))
                return ShardedFile.Open(path, part);
            if (part is not null)
                throw new RecipesException(
                    $"{path}: a part ('{part}') can be chosen in PyTorch checkpoints only, and this is {Describe(file)}."
                );
            if (SafetensorsFile.Begins(start) || LooksCut(file, start))
                return SafetensorsFile.Open(path);
            throw new RecipesException(
                $"{path} holds no weights: it is {Describe(file)}. Known are safetensors, an index of safetensors shards, and what torch.save writes."
            );
        }
    }

    /// <summary>What a file is that is no known format, with what to do about it.</summary>
    public static string Describe(MappedFile file)
    {
        var start = Start(file);
        if (start.IsEmpty)
            return "empty";
        if (SafetensorsFile.Begins(start))
            return "a safetensors file, whatever its name";
        var text = start.TrimStart(Blank);
        if (text.StartsWith("<"u8))
            return "a web page (HTML or XML), saved in place of the file: download the file itself";
        if (text.StartsWith("version https://git-lfs"u8))
            return "a Git LFS pointer, not the file: fetch it with 'git lfs pull'";
        if (text.StartsWith("{"u8))
            return "JSON";
        if (start.StartsWith("PK"u8))
            return "a zip archive";
        if (start[0] == 0x93 && start[1..].StartsWith("NUMPY"u8))
            return "a numpy array (.npy): save it as safetensors";
        if (start is [0x1f, 0x8b, ..])
            return "compressed with gzip: unpack it first";
        if (start.Length > 262 && start[257..].StartsWith("ustar"u8))
            return "a tar archive: unpack it (PyTorch 0.1 saved such files; save it again with a newer one)";
        if (start is [0x89, (byte)'H', (byte)'D', (byte)'F', ..])
            return "HDF5, as Keras writes it: convert it to safetensors where it was made";
        if (start.StartsWith("GGUF"u8))
            return "GGUF, which llama.cpp reads: get the safetensors it was made from";
        if (start[0] == 0x80 && start.Length > 1 && start[1] <= 5)
            return "a plain pickle, which torch.save did not write: save a state dict with torch.save, or safetensors";
        return $"of no known format; it has {file.Length} bytes and begins with {Convert.ToHexStringLower(start[..Math.Min(8, start.Length)])}";
    }

    // A span over the mapping: what it needs is looked at before the file is closed.
    private static ReadOnlySpan<byte> Start(MappedFile file) => file.Span(0, (int)Math.Min(file.Length, Looked));

    // Named as one and neither text nor another format: the reader says best what is wrong with it.
    private static bool LooksCut(MappedFile file, ReadOnlySpan<byte> start) =>
        file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
        && (start.IsEmpty || Describe(file).StartsWith("of no known", StringComparison.Ordinal));

    private static WeightsFile OpenPyTorch(string path, string? part)
    {
        var file = PyTorchFile.Open(path);
        try
        {
            return file.StateDict(part);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string InFolder(string path)
    {
        var found = Directory
            .EnumerateFiles(path)
            .Select(Path.GetFileName)
            .Where(n =>
                n!.EndsWith(".safetensors.index.json", StringComparison.Ordinal) || n.EndsWith(".safetensors", StringComparison.Ordinal)
            )
            .Order(StringComparer.Ordinal)
            .Take(5)
            .ToList();
        return found.Count == 0 ? "" : $", such as {string.Join(", ", found)}";
    }
}
