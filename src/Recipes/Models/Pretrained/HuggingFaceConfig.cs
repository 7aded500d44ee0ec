using System.Text.Json;

namespace Recipes.Models;

/// <summary>
/// The <c>config.json</c> beside a language model's weights, as Hugging Face writes it. It says what a checkpoint of one's own was
/// trained as; the published sizes need none.
/// </summary>
public static class HuggingFaceConfig
{
    /// <summary>Reads the spec of a Qwen2.</summary>
    /// <param name="path">A <c>config.json</c>, or the folder that holds it.</param>
    /// <exception cref="RecipesException">The file is missing or no such file, or names what this library does not have; all problems together.</exception>
    public static Qwen2Spec Qwen2(string path)
    {
        var config = Fields.Read(path, "qwen2", "llava_qwen2");
        var spec = Language(config, Path.GetFileName(Path.GetDirectoryName(config.Path)!));
        config.Done();
        return spec;
    }

    /// <summary>Reads the spec of a FastVLM.</summary>
    /// <inheritdoc cref="Qwen2(string)"/>
    public static FastVlmSpec FastVlm(string path)
    {
        var config = Fields.Read(path, "llava_qwen2");
        var name = Path.GetFileName(Path.GetDirectoryName(config.Path)!);
        var tower = config.Text("mm_vision_tower");
        var language = Language(config, $"{name}_language");
        config.Expect("mm_projector_type", "mlp2x_gelu");
        config.Expect("mm_hidden_size", Models.FastVlm.B05().Vision.FeatureWidth);
        var context = config.Whole("tokenizer_model_max_length", 8192);
        // Such as mobileclip_l_1024: the number is the resolution.
        if (!tower.StartsWith("mobileclip_l_", StringComparison.Ordinal) || !int.TryParse(tower["mobileclip_l_".Length..], out var size))
        {
            config.Problem($"mm_vision_tower: expected mobileclip_l_ and a resolution, found '{tower}'");
            size = 1024;
        }
        config.Done();
        return new FastVlmSpec
        {
            Name = name,
            Language = language,
            ImageSize = size,
            Context = context,
        };
    }

    private static Qwen2Spec Language(Fields config, string name)
    {
        config.Expect("hidden_act", "silu");
        var heads = config.Whole("num_attention_heads");
        return new Qwen2Spec
        {
            Name = name,
            Width = config.Whole("hidden_size"),
            Layers = config.Whole("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = config.Whole("num_key_value_heads", heads),
            Inner = config.Whole("intermediate_size"),
            Vocabulary = config.Whole("vocab_size"),
            Context = config.Whole("max_position_embeddings", 32_768),
            RotaryBase = config.Number("rope_theta", 10_000),
            NormEpsilon = config.Number("rms_norm_eps", 1e-6),
            TiedHead = config.Flag("tie_word_embeddings", false),
        };
    }

    // The fields of the file, with what is wrong in them.
    private sealed class Fields(string path, JsonElement root)
    {
        private readonly List<string> _problems = [];

        public string Path => path;

        public static Fields Read(string given, params string[] types)
        {
            var path = System.IO.Path.GetFullPath(Directory.Exists(given) ? System.IO.Path.Combine(given, "config.json") : given);
            try
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(path));
                var root = json.RootElement.Clone();
                if (root.ValueKind != JsonValueKind.Object)
                    throw new JsonException("it is no object");
                var config = new Fields(path, root);
                if (config.Text("model_type") is var type && !types.Contains(type, StringComparer.Ordinal))
                    config.Problem($"model_type: expected {string.Join(" or ", types)}, found '{type}'");
                return config;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                throw new RecipesException($"{path}: cannot be read as a model's config.json ({e.Message.TrimEnd('.')}).", e);
            }
        }

        public void Problem(string text) => _problems.Add(text);

        public void Done() => RecipesException.ThrowIfAny($"{path}: this model cannot be built:", _problems);

        public string Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

        public int Whole(string name, int? otherwise = null)
        {
            if (Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number > 0)
                return number;
            return otherwise is { } known && Find(name) is null ? known : Wrong(name, "a positive whole number", 1);
        }

        public double Number(string name, double otherwise)
        {
            if (Find(name) is { ValueKind: JsonValueKind.Number } value && value.GetDouble() > 0)
                return value.GetDouble();
            return Find(name) is null ? otherwise : Wrong(name, "a positive number", 1.0);
        }

        public bool Flag(string name, bool otherwise) =>
            Find(name)?.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                null => otherwise,
                _ => Wrong(name, "true or false", false),
            };

        public void Expect(string name, object expected)
        {
            var wanted = expected.ToString();
            if (Find(name) is { } value && value.ToString() != wanted)
                Problem($"{name}: expected {wanted}, found {value}; this version has no other");
        }

        private T Wrong<T>(string name, string expected, T instead)
        {
            Problem($"{name}: expected {expected}, found {Find(name)?.GetRawText() ?? "nothing"}");
            return instead;
        }

        private JsonElement? Find(string name) =>
            root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
