// Reads bodies of `POST /containers/create` and tells what dockerd makes of them, by dockerd's own decoder.
//
// A body on the standard input is its length, as four bytes with the lowest first, and its bytes. For each there is a
// line of JSON: `refused` and why, or what was decoded and which ways to the host that opens. The argument is a
// directory of the host from which mounts are no such way.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/pkg/sysinfo"
	"github.com/docker/docker/runconfig"
)

type answer struct {
	Refused    string                    `json:"refused,omitempty"`
	Reaches    []string                  `json:"reaches,omitempty"`
	Config     *container.Config         `json:"config,omitempty"`
	Host       *container.HostConfig     `json:"host,omitempty"`
	Networking *network.NetworkingConfig `json:"networking,omitempty"`
}

// Capabilities that containers have anyway.
var usual = map[string]bool{
	"AUDIT_WRITE": true, "CHOWN": true, "DAC_OVERRIDE": true, "FOWNER": true, "FSETID": true, "KILL": true,
	"MKNOD": true, "NET_BIND_SERVICE": true, "NET_RAW": true, "SETFCAP": true, "SETGID": true, "SETPCAP": true,
	"SETUID": true, "SYS_CHROOT": true,
}

func main() {
	allowed := os.Args[1]
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(os.Stdout, 1<<20)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for {
		var length uint32
		if err := binary.Read(in, binary.LittleEndian, &length); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			fail(err)
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			fail(err)
		}
		if err := lines.Encode(read(body, allowed)); err != nil {
			fail(err)
		}
	}
	if err := out.Flush(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// What dockerd makes of a body. Where its decoder panics, its server ends the connection.
func read(body []byte, allowed string) (told answer) {
	defer func() {
		if reason := recover(); reason != nil {
			told = answer{Refused: fmt.Sprint(reason)}
		}
	}()
	host := func() *sysinfo.SysInfo { return &sysinfo.SysInfo{} }
	decoder := runconfig.ContainerDecoder{GetSysInfo: host}
	config, hostConfig, networking, err := decoder.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return answer{Refused: err.Error()}
	}
	// As daemon.containerCreate does.
	if config == nil {
		return answer{Refused: "Config cannot be empty in order to create a container"}
	}
	if hostConfig == nil {
		hostConfig = &container.HostConfig{}
		runconfig.SetDefaultNetModeIfBlank(hostConfig)
	}
	if networking == nil {
		networking = &network.NetworkingConfig{}
	}
	if len(config.Volumes) == 0 {
		config.Volumes = nil
	}
	return answer{
		Reaches: reaches(hostConfig, networking, allowed), Config: config, Host: hostConfig, Networking: networking,
	}
}

// The ways to the host, in the terms of the engine's own structures.
func reaches(host *container.HostConfig, networking *network.NetworkingConfig, allowed string) (ways []string) {
	say := func(is bool, way string) {
		if is {
			ways = append(ways, way)
		}
	}
	say(host.Privileged, "privileged")
	for _, bind := range host.Binds {
		source, _, isMount := strings.Cut(bind, ":")
		say(isMount && strings.HasPrefix(source, "/") && !isBelow(source, allowed), "bind")
	}
	for _, one := range host.Mounts {
		say(one.Type == mount.TypeBind && !isBelow(one.Source, allowed), "mount")
		options := one.VolumeOptions
		if one.Type == mount.TypeVolume && options != nil && options.DriverConfig != nil {
			driver := options.DriverConfig
			say(!isLocal(driver.Name) || len(driver.Options) > 0, "volume options")
		}
	}
	for _, name := range host.CapAdd {
		say(!usual[strings.TrimPrefix(strings.ToUpper(name), "CAP_")], "capability")
	}
	say(host.PidMode.IsHost() || host.PidMode.IsContainer(), "pid")
	say(host.IpcMode.IsHost() || host.IpcMode.IsContainer(), "ipc")
	say(host.UTSMode.IsHost(), "uts")
	say(host.UsernsMode.IsHost(), "userns")
	say(host.CgroupnsMode.IsHost(), "cgroupns")
	say(host.NetworkMode.IsHost() || host.NetworkMode.IsContainer(), "network")
	for name := range networking.EndpointsConfig {
		say(name == "host", "network")
	}
	say(len(host.Devices)+len(host.DeviceCgroupRules)+len(host.DeviceRequests) > 0, "devices")
	say(len(host.VolumesFrom) > 0, "volumes from")
	say(!isLocal(host.VolumeDriver), "volume driver")
	for _, option := range host.SecurityOpt {
		say(!strings.HasPrefix(option, "no-new-privileges") && option != "apparmor=docker-default", "security option")
	}
	say(host.MaskedPaths != nil || host.ReadonlyPaths != nil, "paths")
	say(len(host.Sysctls) > 0, "sysctls")
	say(host.Runtime != "" && host.Runtime != "runc", "runtime")
	say(host.CgroupParent != "" || host.Cgroup != "", "cgroup")
	say(host.OomScoreAdj < 0, "out of memory")
	return ways
}

func isBelow(path, directory string) bool {
	return strings.HasPrefix(filepath.Clean(path)+"/", directory+"/")
}

func isLocal(driver string) bool {
	return driver == "" || driver == "local"
}
