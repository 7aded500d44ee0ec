using System.Net;
using System.Text.Json;

namespace Recipes.Notebook.Jupyter;

/// <summary>Where a Jupyter client told a kernel to listen, and the key that signs their messages.</summary>
/// <param name="Address">The address of all five sockets.</param>
/// <param name="Shell">Port of requests.</param>
/// <param name="Control">Port of interrupt and shutdown.</param>
/// <param name="Iopub">Port of outputs.</param>
/// <param name="Stdin">Port of questions to the user.</param>
/// <param name="Heartbeat">Port that echoes.</param>
/// <param name="Key">Signs messages; empty: they are not signed.</param>
public sealed record ConnectionFile(IPAddress Address, int Shell, int Control, int Iopub, int Stdin, int Heartbeat, string Key)
{
    private static readonly string[] _ports = ["shell_port", "control_port", "iopub_port", "stdin_port", "hb_port"];

    /// <summary>Reads and checks a connection file.</summary>
    /// <param name="path">The JSON file that the client wrote.</param>
    /// <param name="anyAddress">Also accepts addresses that other machines can reach.</param>
    /// <exception cref="RecipesException">It cannot be read or does not fit; all problems at once.</exception>
    public static ConnectionFile Read(string path, bool anyAddress = false)
    {
        JsonElement root;
        try
        {
            root = JsonElement.Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            throw new RecipesException($"{path}: not a connection file of a Jupyter client: {e.Message.TrimEnd('.')}.", e);
        }
        if (root.ValueKind != JsonValueKind.Object)
            throw new RecipesException($"{path}: not a connection file: expected a JSON object, found {Json.Kind(root)}.");
        List<string> problems = [];
        var ports = _ports.Select(name => Port(root, name, problems)).ToArray();
        foreach (var twice in ports.Where(p => p > 0).GroupBy(p => p).Where(g => g.Count() > 1))
            problems.Add($"port {twice.Key}: each socket needs its own, {twice.Count()} name this one");
        if (Text(root, "transport", problems, "tcp") is { } transport and not "tcp")
            problems.Add($"transport {transport}: only tcp is supported; set KernelManager.transport = \"tcp\" in the client");
        var key = Text(root, "key", problems) ?? "";
        if (key.Length > 0 && Text(root, "signature_scheme", problems, "hmac-sha256") is { } scheme and not "hmac-sha256")
            problems.Add($"signature_scheme {scheme}: expected hmac-sha256");
        var address = IPAddress.Loopback;
        if (Text(root, "ip", problems, "127.0.0.1") is { } ip)
            address = Resolve(ip, anyAddress, problems) ?? address;
        RecipesException.ThrowIfAny($"{path} does not fit; ask the client to write it anew:", problems);
        return new ConnectionFile(address, ports[0], ports[1], ports[2], ports[3], ports[4], key);
    }

    private static int Port(JsonElement root, string name, List<string> problems)
    {
        if (!root.TryGetProperty(name, out var value))
            problems.Add($"{name}: missing");
        else if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var port) && port is > 0 and < 65536)
            return port;
        else
            problems.Add($"{name}: expected a port from 1 to 65535, found {Json.Kind(value)}");
        return 0;
    }

    private static string? Text(JsonElement root, string name, List<string> problems, string? fallback = null)
    {
        if (!root.TryGetProperty(name, out var value))
        {
            if (fallback is null)
                problems.Add($"{name}: missing");
            return fallback;
        }
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        problems.Add($"{name}: expected a string, found {Json.Kind(value)}");
        return null;
    }

    private static IPAddress? Resolve(string ip, bool anyAddress, List<string> problems)
    {
        var address = ip switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ => IPAddress.TryParse(ip.Trim('[', ']'), out var parsed) ? parsed : null,
        };
        if (address is null)
            problems.Add($"ip {ip}: expected an address such as 127.0.0.1");
        else if (!anyAddress && !IPAddress.IsLoopback(address))
            problems.Add($"ip {ip}: other machines could reach it; only loopback is allowed without --any-address");
        return address;
    }
}
