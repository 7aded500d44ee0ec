using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recipes.Reproductions;

/// <summary>Reads and writes <c>claims.json</c>, the list of a run's claims.</summary>
public static class Ledger
{
    /// <summary>The name of the file in a run's folder.</summary>
    public const string FileName = "claims.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new VerdictConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The claims as JSON text.</summary>
    public static string ToJson(IReadOnlyList<Claim> claims) => JsonSerializer.Serialize(claims, Json);

    /// <summary>Writes a run's claims, atomically.</summary>
    public static void Write(string folder, IReadOnlyList<Claim> claims) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), ToJson(claims) + "\n");

    /// <summary>Reads the claims of a run's folder or of a file.</summary>
    /// <exception cref="RecipesException">There is no such file, or it is not a list of claims.</exception>
    public static IReadOnlyList<Claim> Read(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        try
        {
            return ClaimsTable.From(
                JsonSerializer.Deserialize<List<Claim>>(File.ReadAllText(file), Json) ?? throw new JsonException("null")
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RecipesException($"{file}: expected a run's {FileName}, found none that reads ({e.Message.TrimEnd('.')}).", e);
        }
    }

    // "not attempted" is two words in the contract, so the enum's names do not do.
    private sealed class VerdictConverter : JsonConverter<Verdict>
    {
        private static readonly string[] Words = ["holds", "fails", "not attempted"];

        public override Verdict Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Array.IndexOf(Words, reader.GetString()) is >= 0 and var index ? (Verdict)index : throw new JsonException("verdict");

        public override void Write(Utf8JsonWriter writer, Verdict value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Words[(int)value]);
    }
}
